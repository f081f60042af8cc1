# Solara: pip install poolviz solara; solara run solara_app.py
# A widget is displayed in a component; outside of one, Solara shows its text.

import solara

import poolviz as pv

LAYERS = [pv.Conv(32, 3), pv.Pool(2)] * 5
STACK = pv.Stack(LAYERS, (28, 28, 1), framework="keras")
MESSAGE = "Given input size: (64x1x1). Calculated output size: (64x0x0)."


@solara.component
def Page():
    said, set_said = solara.use_state("as it was opened")
    pv.PoolExplorer.element(
        input_size=10, kernel_size=15, on_state=lambda state: set_said(state["title"])
    )
    solara.Text(f"The layer above: {said}")
    solara.display(pv.StackExplorer(STACK))
    solara.display(pv.LayerExplorer(pv.Conv(1, 3), 6))
    solara.display(pv.SizeMap(10, 3))
    solara.display(pv.FrameworkComparison(10, 3))
    solara.display(pv.ErrorDecoder(MESSAGE))
    solara.display(pv.ExerciseCard("size-plain"))
    solara.display(pv.diagnose(pv.Pool(kernel_size=(5, 3), stride=2), (4, 6)))
    solara.display(pv.draw(pv.Pool(kernel_size=3, stride=2, padding=1), (6, 7)))
