"""StackExplorer: a network, the layer where it fails, and that layer in a LayerExplorer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ipywidgets
import traitlets

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.network.stack import Stack
from poolviz.diagnosis.phrases import by
from poolviz.drawing.charts.network_diagram import build_network_diagram
from poolviz.drawing.mpl.figure import StackFigure
from poolviz.i18n.catalogue import chosen as chosen_language
from poolviz.i18n.catalogue import say, using_language
from poolviz.i18n.keywords import answers_keywords
from poolviz.reading.as_stack import as_stack
from poolviz.widgets.base.composite import Composite
from poolviz.widgets.base.savable import Ranges, Savable
from poolviz.widgets.explorer.convolution.layer_explorer import LayerExplorer
from poolviz.widgets.page.recording import Recording
from poolviz.widgets.stack.page import record_stack
from poolviz.widgets.stack.state import SLOT_HEIGHT, in_stack, shown_below
from poolviz.widgets.stack.view import StackView


class _ChosenLayer(LayerExplorer):
    """The explorer beside the table, whose picture is lower than that of one alone."""

    _most_height = SLOT_HEIGHT


_ChosenLayer.__name__ = LayerExplorer.__name__  # which its text begins with


class _ShapeTrait(traitlets.Any):
    """The input shape of the stack; one that is set changes the stack."""

    def set(self, obj: Any, value: Any) -> None:
        shape = tuple(value)
        if not obj._is_mirroring and shape != obj.stack.input_shape:
            obj.view.become(replace(obj.stack, input_shape=shape))
        # Not `value`, which may be a list: observers get what the stack has.
        super().set(obj, obj.stack.input_shape)


class _ChosenTrait(traitlets.Any):
    """The row of the chosen layer; one that is set is chosen."""

    def set(self, obj: Any, value: Any) -> None:
        if not obj._is_mirroring and value != obj.view.chosen:
            obj.view.choose(value)
        super().set(obj, obj.view.chosen)


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
    chosen
        The row of the layer that is shown; the one that fails if left out.
    language
        Language of all texts: "en" or "de"; the current one if left out.

    Raises
    ------
    TypeError, ValueError
        As `read_model` and `read_code`, and for an unknown language. Never for geometry.

    Notes
    -----
    `stack`, `input_shape` and `chosen`, the row of a layer, can be assigned; the last two are
    traits. `code` opens what is shown. `explorer` is the `LayerExplorer` of
    the chosen layer, None if it has no windows. Changes there are made in the stack.

    Examples
    --------
    >>> from poolviz import Pool, Stack
    >>> StackExplorer(Stack([Pool(2)] * 3, (5, 12, 1), framework="keras"))
    StackExplorer(3 layers on 5 × 12 × 1: stops at layer 2 (MaxPool 2×2), \
Keras 3.15 raises ValueError)
    """

    input_shape: Any = _ShapeTrait().tag(sync=True)
    chosen: Any = _ChosenTrait().tag(sync=True)
    _is_mirroring = False
    _idle: LayerExplorer | None = None  # kept for the next layer with windows

    def __init__(
        self,
        stack: object,
        input_shape: tuple[int, ...] | None = None,
        *,
        chosen: int | None = None,
        language: str | None = None,
    ) -> None:
        self._language = chosen_language(language)
        self.view = StackView(as_stack(stack, input_shape), self.language, chosen)
        self.explorer: LayerExplorer | None = None
        # Both children at once: Shiny cannot show one that comes before it has opened the box.
        super().__init__(self._parts())
        self._show_traits()
        self.view.observe_internal(self._follow, ["stack", "chosen"])

    @property
    def stack(self) -> Stack:
        """The network; assign another one."""
        return self.view.stack

    @stack.setter
    def stack(self, stack: object) -> None:
        self.view.become(as_stack(stack))

    @property
    def code(self) -> str:
        """The line of Python that opens what is shown."""
        return self.view.code

    def undo(self) -> None:
        """Undo the last change of the stack."""
        self.view.undo()

    def redo(self) -> None:
        """Redo the change that was undone last."""
        self.view.redo()

    # --- from the stack to the layer ---------------------------------------------------------

    def _follow(self, change: object = None) -> None:
        self.children = self._parts()
        self._show_traits()

    def _show_traits(self) -> None:
        """Set the traits to what is shown."""
        self._is_mirroring = True
        try:
            self.input_shape, self.chosen = self.stack.input_shape, self.view.chosen
        finally:
            self._is_mirroring = False

    def _parts(self) -> tuple[ipywidgets.Widget, ...]:
        """Return the view and, if the chosen layer has windows, that layer on its input."""
        traced, note = shown_below(self.stack, self.view.chosen)
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
            channels = traced.channels if isinstance(traced, ConvTrace) else None
            self._idle = _ChosenLayer(layer, sizes, channels=channels, language=self.language)
            self._idle.observe_internal(self._take, "spec")
        if self._idle.trace != traced:
            self._idle.look_at_trace(traced)
            self._idle.forget_changes()
        return self._idle

    # --- from the layer to the stack ---------------------------------------------------------

    def _take(self, change: object) -> None:
        """Make the same change in the stack that a control of the layer made."""
        explorer = self.explorer
        traced, _ = shown_below(self.stack, self.view.chosen)
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
                shown, given = by(explorer.spec.input_size), by(traced.input_size)
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
