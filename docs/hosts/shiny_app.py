# Shiny for Python: pip install poolviz shiny shinywidgets; shiny run shiny_app.py

from shiny import App, render, ui
from shinywidgets import output_widget, reactive_read, render_widget

import poolviz as pv

# As high as the widget: the defaults are 400 pixels.
OWN_HEIGHT = {"height": "auto", "fill": False, "fillable": False}

MORE = {
    "convolution": lambda: pv.LayerExplorer(pv.Conv(1, 3), 6),
    "map": lambda: pv.SizeMap(10, 3),
    "comparison": lambda: pv.FrameworkComparison(10, 3),
    "decoder": lambda: pv.ErrorDecoder(
        "Given input size: (64x1x1). Calculated output size: (64x0x0)."
    ),
    "card": lambda: pv.ExerciseCard("size-plain"),
}

app_ui = ui.page_fluid(
    output_widget("layer", **OWN_HEIGHT),
    ui.output_text("title"),
    output_widget("network", **OWN_HEIGHT),
    *(output_widget(name, **OWN_HEIGHT) for name in MORE),
    ui.output_ui("diagnosis"),
)


def server(input, output, session):
    @render_widget
    def layer():
        return pv.PoolExplorer(10, kernel_size=15)

    @render.text
    def title():
        return f"The layer above: {reactive_read(layer.widget, 'state')['title']}"

    @render_widget
    def network():
        layers = [pv.Conv(32, 3), pv.Pool(2)] * 5
        return pv.StackExplorer(pv.Stack(layers, (28, 28, 1), framework="keras"))

    def show(name, make):
        @output(id=name)
        @render_widget
        def shown():
            return make()

    for name, make in MORE.items():
        show(name, make)

    @render.ui
    def diagnosis():
        said = pv.diagnose(pv.Pool(kernel_size=(5, 3), stride=2), (4, 6))
        return ui.HTML(said._repr_html_())


app = App(app_ui, server)
