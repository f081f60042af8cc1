"""SizeMap: the output size by two parameters, with the layer marked and live below."""

from __future__ import annotations

from poolviz.arithmetic.layers.network_layers import LayerLike
from poolviz.arithmetic.layers.pool import Pool, Sizes
from poolviz.arithmetic.trace import Trace
from poolviz.drawing.mpl.figure import MapFigure
from poolviz.i18n.catalogue import say
from poolviz.i18n.keywords import answers_keywords
from poolviz.widgets.base.savable import Ranges, Savable
from poolviz.widgets.explorer.linked import BesideExplorer, explorer_keywords
from poolviz.widgets.explorer.widget import PoolExplorer
from poolviz.widgets.page.recording import Recording
from poolviz.widgets.size_map.page import record_map
from poolviz.widgets.size_map.state import own_arguments
from poolviz.widgets.size_map.view import ChartView


@answers_keywords(more=explorer_keywords)
class SizeMap(BesideExplorer, Savable):
    """The output size by any two parameters; settings that do not fit are crossed out.

    Parameters
    ----------
    input_size, kernel_size, **parameters
        As for `PoolExplorer`; a layer, of PyTorch or Keras too, may be in place of a size.
    explorer
        A `PoolExplorer` that is shown elsewhere, in place of the parameters; both follow each
        other.
    x, y
        Two of "input_size", "kernel_size", "stride", "padding", "dilation".
    axis
        The spatial axis whose size is shown, counted from 0.
    language
        Language of all texts: "en" or "de"; if left out, that of the explorer or the current one.

    Raises
    ------
    TypeError, ValueError
        For wrong types and unknown names. Never for geometry.

    Notes
    -----
    A click on a cell, or the arrow keys, set the two parameters: on all axes if their values were
    equal, else on the axis that is shown.

    Examples
    --------
    >>> SizeMap(10, 3)
    SizeMap(output height by kernel_size and stride, PyTorch: of 280 settings 140 work, 140 \
have no room for a window. Marked: kernel_size 3, stride 3: 3.)
    """

    def __init__(
        self,
        input_size: Sizes | LayerLike | None = None,
        kernel_size: Sizes | LayerLike | None = None,
        *,
        explorer: PoolExplorer | None = None,
        x: str = "kernel_size",
        y: str = "stride",
        axis: int = 0,
        language: str | None = None,
        **parameters: object,
    ) -> None:
        self._over = (x, y, axis)
        super().__init__(input_size, kernel_size, explorer, parameters, language)

    def _view(self) -> ChartView:
        self.view = ChartView(self, self.explorer.trace, *self._over, self._take, self.language)
        return self.view

    def _own_arguments(self) -> list[str]:
        view = getattr(self, "view", None)  # while it is made
        return own_arguments(*(self._over if view is None else view.chosen))

    def _take(self, layer: Pool, sizes: tuple[int, ...]) -> None:
        self.explorer.look_at(layer, sizes)

    def _unfit(self, traced: Trace) -> str:
        if traced.is_convolution or isinstance(traced.layer, Pool):
            return super()._unfit(traced)
        return say("beside.no_parameters", layer=type(traced.layer).__name__)

    def _look_at(self, traced: Trace) -> None:
        self.view.look_at(traced)

    def _sentence(self) -> str:
        return self.view.chart.alt

    def _static_figure(self) -> MapFigure:
        return MapFigure(self.view.chart)

    @property
    def headline(self) -> str:
        return self.view.chart.title

    def _record(self, ranges: Ranges) -> Recording:
        return record_map(self.view.chart, self.view.axis, self.explorer.spec)
