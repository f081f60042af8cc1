# Streamlit: pip install poolviz streamlit; streamlit run streamlit_app.py
# Streamlit has no ipywidgets: the page that `save` writes is live without a kernel. In
# releases without st.iframe, st.components.v1.html shows it.

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

import poolviz as pv


@st.cache_data
def page(input_size: int) -> str:
    with TemporaryDirectory() as folder:
        explorer = pv.PoolExplorer(input_size, kernel_size=15)
        path = explorer.save(
            Path(folder) / "pool.html", kernel_size=range(1, 16), stride=[1, 2], padding=[0, 1]
        )
        return path.read_text(encoding="utf-8")


input_size = st.number_input("input size", 4, 16, 10)
st.iframe(page(input_size), height=1250, alt="Pooling explorer")
st.write(pv.diagnose(pv.Pool(kernel_size=(5, 3), stride=2), (4, 6)))
st.pyplot(pv.draw(pv.Pool(kernel_size=3, stride=2, padding=1), (6, 7)))
