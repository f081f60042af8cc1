"""StackExplorer: a network, the layer where it fails, and that layer in a LayerExplorer."""

from __future__ import annotations

from typing import Any

import ipywidgets

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.network.stack import Stack
from poolviz.diagnosis.phrases import by
from poolviz.drawing.charts.network_diagram import build_network_diagram
from poolviz.drawing.mpl.figure import StackFigure
from poolviz.i18n.catalogue import chosen, say, using_language
from poolviz.i18n.keywords import answers_keywords
from poolviz.reading.as_stack import as_stack
from poolviz.widgets.base.composite import Composite
from poolviz.widgets.base.savable import Ranges, Savable
from poolviz.widgets.explorer.convolution.layer_explorer import LayerExplorer
from poolviz.widgets.page.recording import Recording
from poolviz.widgets.stack.page import record_stack
from poolviz.widgets.stack.state import in_stack, shown_below
from poolviz.widgets.stack.view import StackView


@answers_keywords()
class StackExplorer(Composite, Savable):
    """A network as a diagram of its feature maps and a table of its layers, with one layer live.

    Parameters
    ----------
    stack
        A `Stack`; or layers, a model or a list of them, as for `read_model`; or source code, as
        for `read_code`.
    input_shape
        Without the batch; left out if the stack, the model or the code states it.
    language
        Language of all texts: "en" or "de"; the current one if left out.

    Raises
    ------
    TypeError, ValueError
        As `read_model` and `read_code`, and for an unknown language. Never for geometry.

    Notes
    -----
    `stack` and `chosen`, the row of a layer, can be assigned. `explorer` is the `LayerExplorer` of
    the chosen layer, None if it has no windows. Changes there are made in the stack.

    Examples
    --------
    >>> from poolviz import Pool, Stack
    >>> StackExplorer(Stack([Pool(2)] * 3, (5, 12, 1), framework="keras"))
    StackExplorer(3 layers on 5 × 12 × 1: stops at layer 2 (MaxPool 2×2), \
Keras 3.15 raises ValueError)
    """

    _idle: LayerExplorer | None = None  # kept for the next layer with windows

    def __init__(
        self,
        stack: Any,
        input_shape: tuple[int, ...] | None = None,
        *,
        language: str | None = None,
    ) -> None:
        self._language = chosen(language)
        self.view = StackView(as_stack(stack, input_shape), self.language)
        self.explorer: LayerExplorer | None = None
        # Both children at once: Shiny cannot show one that comes before it has opened the box.
        super().__init__(self._parts())
        self.view.observe_internal(self._follow, ["stack", "chosen"])

    @property
    def stack(self) -> Stack:
        """The network; assign another one."""
        return self.view.stack

    @stack.setter
    def stack(self, stack: Any) -> None:
        self.view.become(as_stack(stack))

    @property
    def chosen(self) -> int | None:
        """The row of the chosen layer; assign another one."""
        return self.view.chosen

    @chosen.setter
    def chosen(self, index: int) -> None:
        self.view.choose(index)

    # --- from the stack to the layer ---------------------------------------------------------

    def _follow(self, change: object = None) -> None:
        self.children = self._parts()

    def _parts(self) -> tuple[ipywidgets.Widget, ...]:
        """Return the view and, if the chosen layer has windows, that layer on its input."""
        traced, note = shown_below(self.stack, self.chosen)
        self.explorer = None if traced is None else self._opened(traced)
        self._note(note)
        return (self.view,) if self.explorer is None else (self.view, self.explorer)

    def _note(self, about: str, **fields: str) -> None:
        """Show a note about the explorer below; "" for a pooling layer of the stack."""
        with using_language(self.language):
            self.view.note = say(f"control.below.{about}", **fields) if about else ""

    def _opened(self, traced: Trace) -> LayerExplorer:
        layer, sizes = traced.layer.with_axes(len(traced.axes)), traced.input_size
        if self._idle is None:
            self._idle = LayerExplorer(layer, sizes, language=self.language)
            self._idle.look_at_trace(traced)
            self._idle.observe_internal(self._take, "spec")
        elif self._idle.trace != traced:
            self._idle.look_at_trace(traced)
        return self._idle

    # --- from the layer to the stack ---------------------------------------------------------

    def _take(self, change: object) -> None:
        """Make the same change in the stack that a control of the layer made."""
        explorer = self.explorer
        traced, _ = shown_below(self.stack, self.chosen)
        if explorer is None or traced is None:
            return
        entry = self.view.entry(self.chosen) if self.chosen is not None else None
        if entry is None or not self._belongs(explorer, traced):
            self._note_another(explorer, traced)
            return
        if traced.layer.with_axes(len(traced.axes)) != explorer.layer:
            self.view.replace_chosen(in_stack(explorer.layer, entry.layer), gesture=entry.path)
        else:
            self._note("")

    @staticmethod
    def _belongs(explorer: LayerExplorer, traced: Trace) -> bool:
        """Return whether the explorer has the input and the framework of the stack."""
        same_rules = explorer.layer.framework == traced.layer.framework
        spec = explorer.spec
        if spec.convolution is not None and isinstance(traced, ConvTrace):
            same_rules = same_rules and spec.convolution.channels == traced.channels
        return same_rules and spec.input_size == traced.input_size

    def _note_another(self, explorer: LayerExplorer, traced: Trace) -> None:
        if explorer.layer.framework != traced.layer.framework:
            self._note("other_framework")
        else:
            with using_language(self.language):
                shown, given = by(explorer.input_size), by(traced.input_size)
            self._note("other_input", shown=shown, given=given)

    def close(self) -> None:
        """Close the widget and the explorer of its layer, shown or not."""
        super().close()
        if self._idle is not None:
            self._idle.close()

    # --- without a browser -------------------------------------------------------------------

    def _sentence(self) -> str:
        return self.stack.diagnosis.headline

    def _static_figure(self) -> StackFigure:
        return StackFigure(build_network_diagram(self.stack, with_words=True))

    @property
    def headline(self) -> str:
        return self.stack.diagnosis.headline

    def _record(self, ranges: Ranges) -> Recording:
        return record_stack(self.stack, self.chosen)
