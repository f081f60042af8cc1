# Panel: pip install poolviz panel ipywidgets_bokeh; panel serve panel_app.py

import panel as pn

import poolviz as pv

pn.extension("ipywidgets")

layers = [pv.Conv(32, 3), pv.Pool(2)] * 5
explorer = pv.PoolExplorer(10, kernel_size=15)
title = pn.pane.Markdown()
explorer.observe(
    lambda change: title.param.update(object=f"The layer above: {change['new']['title']}"), "state"
)
more = [
    pv.StackExplorer(pv.Stack(layers, (28, 28, 1), framework="keras")),
    pv.LayerExplorer(pv.Conv(1, 3), 6),
    pv.SizeMap(10, 3),
    pv.FrameworkComparison(10, 3),
    pv.ErrorDecoder("Given input size: (64x1x1). Calculated output size: (64x0x0)."),
    pv.ExerciseCard("size-plain"),
]

pn.Column(
    pn.pane.IPyWidget(explorer),
    title,
    *map(pn.pane.IPyWidget, more),
    pn.pane.Matplotlib(pv.draw(pv.Pool(kernel_size=3, stride=2, padding=1), (6, 7))),
    pn.panel(pv.diagnose(pv.Pool(kernel_size=(5, 3), stride=2), (4, 6))),
).servable()
