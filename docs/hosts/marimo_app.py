# marimo: a widget is live, and cells that use it run again when a control is moved.
# pip install poolviz marimo; marimo run marimo_app.py (or marimo edit)

import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo

    import poolviz as pv

    return mo, pv


@app.cell
def _(mo, pv):
    explorer = mo.ui.anywidget(pv.PoolExplorer(10, kernel_size=15))
    explorer
    return (explorer,)


@app.cell
def _(explorer, mo):
    mo.md(f"The layer above: {explorer.value['state']['title']}")
    return


@app.cell
def _(mo, pv):
    layers = [pv.Conv(32, 3), pv.Pool(2)] * 5
    network = mo.ui.anywidget(pv.StackExplorer(pv.Stack(layers, (28, 28, 1), framework="keras")))
    network
    return (network,)


@app.cell
def _(mo, network):
    mo.md(f"The network above: {network.value['state']['title']}")
    return


@app.cell
def _(mo, pv):
    message = "Given input size: (64x1x1). Calculated output size: (64x0x0)."
    more = [
        pv.LayerExplorer(pv.Conv(1, 3), 6),
        pv.SizeMap(10, 3),
        pv.FrameworkComparison(10, 3),
        pv.ErrorDecoder(message),
        pv.ExerciseCard("size-plain"),
    ]
    mo.vstack(more)
    return


@app.cell
def _(pv):
    pv.diagnose(pv.Pool(kernel_size=(5, 3), stride=2), (4, 6))
    return


if __name__ == "__main__":
    app.run()
