# Streamlit: pip install poolviz streamlit; streamlit run streamlit_app.py
# Streamlit has no ipywidgets: the page that `save` writes is live without a kernel. In
# releases without st.iframe, st.components.v1.html shows it.

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

import poolviz as pv

LAYERS = [pv.Conv(32, 3), pv.Pool(2)] * 5
MORE = {
    "Network": lambda: pv.StackExplorer(pv.Stack(LAYERS, (28, 28, 1), framework="keras")),
    "Convolution": lambda: pv.LayerExplorer(pv.Conv(1, 3), 6),
    "Size map": lambda: pv.SizeMap(4, 2),
    "Frameworks": lambda: pv.FrameworkComparison(4, 2),
    "Message": lambda: pv.ErrorDecoder(
        "Given input size: (64x1x1). Calculated output size: (64x0x0)."
    ),
    "Exercise": lambda: pv.ExerciseCard("size-plain"),
}


def page_of(widget, **ranges) -> str:
    with TemporaryDirectory() as folder:
        return widget.save(Path(folder) / "pool.html", **ranges).read_text(encoding="utf-8")


@st.cache_data
def layer(input_size: int) -> str:
    explorer = pv.PoolExplorer(input_size, kernel_size=15)
    return page_of(explorer, kernel_size=range(1, 16), stride=[1, 2], padding=[0, 1])


@st.cache_data
def page(name: str) -> str:
    return page_of(MORE[name]())


input_size = st.number_input("input size", 4, 16, 10)
st.iframe(layer(input_size), height=950, alt="Pooling explorer")
st.write(pv.diagnose(pv.Pool(kernel_size=(5, 3), stride=2), (4, 6)))
st.pyplot(pv.draw(pv.Pool(kernel_size=3, stride=2, padding=1), (6, 7)))
for name, tab in zip(MORE, st.tabs(list(MORE)), strict=True):
    with tab:
        st.iframe(page(name), height=1500, alt=name)
