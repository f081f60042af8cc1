"""A picture beside a PoolExplorer; each follows the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from poolviz.arithmetic.layers.network_layers import LayerLike
from poolviz.arithmetic.layers.pool import Sizes, pool_keywords
from poolviz.arithmetic.trace import Trace
from poolviz.i18n.catalogue import chosen, language_argument, say, using_language
from poolviz.widgets.base.composite import Composite
from poolviz.widgets.base.widget import StateWidget
from poolviz.widgets.explorer.code import line_of
from poolviz.widgets.explorer.widget import PoolExplorer


def explorer_keywords() -> tuple[str, ...]:
    """Return the keywords that a widget passes on to its explorer."""
    return (*pool_keywords(), "layer", "input", "seed", "show", "slice_index")


class BesideView(StateWidget):
    """The browser view of a picture beside an explorer, which undoes and redoes."""

    def __init__(self, beside: BesideExplorer, language: str | None, **traits: object) -> None:
        self._beside = beside
        super().__init__(language, **traits)

    def _tools(self) -> dict[str, object]:
        explorer = self._beside.explorer
        return {**explorer._tools(), "opens": self._beside.code}

    def show_tools(self) -> None:
        """Send what undo, redo and the line of code are, if they are others."""
        if any(self.state.get(name) != value for name, value in self._tools().items()):
            self._report(self.state["problem"])

    _undo_actions: ClassVar[dict[str, Callable[[Any, Any], None]]] = {
        "undo": lambda self, value: self._beside.undo(),
        "redo": lambda self, value: self._beside.redo(),
    }


class BesideExplorer(Composite):
    """Creates an explorer, or follows one that is shown elsewhere, by `_look_at`."""

    view: BesideView

    def __init__(
        self,
        input_size: Sizes | LayerLike | None,
        kernel_size: Sizes | LayerLike | None,
        explorer: PoolExplorer | None,
        parameters: dict[str, Any],
        language: str | None,
    ) -> None:
        self._is_own = explorer is None
        if explorer is None:
            explorer = PoolExplorer(input_size, kernel_size, language=language, **parameters)
        elif not isinstance(explorer, PoolExplorer):
            kind = type(explorer).__name__
            raise TypeError(f"explorer must be a poolviz.PoolExplorer, got {kind}")
        elif input_size is not None or kernel_size is not None or parameters:
            raise TypeError("give an explorer or its parameters, not both")
        self.explorer = explorer
        if unfit := self._unfit(explorer.trace):
            raise TypeError(unfit)
        # By default the language of the explorer that is shown elsewhere.
        self._language = explorer.language if language is None else chosen(language)
        self._shown_subject = self._subject()
        view = self._view()
        super().__init__((view, explorer) if self._is_own else (view,))
        explorer.observe_internal(self._follow, "state")

    @property
    def code(self) -> str:
        """The line of Python that opens what is shown."""
        others = (*self._own_arguments(), *language_argument(self.language))
        return line_of(self.explorer.spec, *others, name=type(self).__name__)

    def _own_arguments(self) -> list[str]:
        """Return the arguments that the explorer does not have."""
        return []

    def undo(self) -> None:
        """Undo the last change of the layer, as `PoolExplorer.undo`."""
        self.explorer.undo()

    def redo(self) -> None:
        """Redo the change that was undone last, as `PoolExplorer.redo`."""
        self.explorer.redo()

    def _view(self) -> BesideView:
        """Return the picture of what the explorer shows."""
        raise NotImplementedError

    def _look_at(self, traced: Trace) -> None:
        """Show another layer or input."""
        raise NotImplementedError

    def _unfit(self, traced: Trace) -> str:
        """Return why the picture cannot show a layer; empty where it can."""
        widget = type(self).__name__
        return say("beside.no_convolutions", widget=widget) if traced.is_convolution else ""

    def _subject(self) -> tuple[object, ...]:
        """Return what decides on the picture."""
        return (self.explorer.trace,)

    def _follow(self, change: object) -> None:
        subject, traced = self._subject(), self.explorer.trace
        with using_language(self.language):
            unfit = self._unfit(traced)
            problem = say("beside.shows_the_last", reason=unfit)
        if unfit:
            self._shown_subject = ()  # the picture is still that of another layer
            self.view._report(problem)
        elif subject != self._shown_subject:
            self._shown_subject = subject
            self._look_at(traced)
        else:
            self.view.show_tools()

    def close(self) -> None:
        """Close the picture; an explorer that is shown elsewhere stays open."""
        if self.comm is not None:  # not closed before, and __init__ ran to its end
            self.explorer.unobserve_internal(self._follow, "state")
        super().close()
