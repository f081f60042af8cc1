"""ErrorDecoder: paste a message or code, see the kernel that does not fit, copy the fix."""

from __future__ import annotations

from poolviz.drawing.mpl.figure import AccessibleFigure
from poolviz.i18n.catalogue import chosen, say
from poolviz.i18n.html import picture
from poolviz.i18n.keywords import answers_keywords
from poolviz.reading.explain import Explanation
from poolviz.widgets.base.composite import Composite
from poolviz.widgets.base.savable import Ranges, Savable
from poolviz.widgets.decoder.page import record_decoder
from poolviz.widgets.decoder.state import decoder_html, figure_of, state_of
from poolviz.widgets.decoder.view import DecoderView
from poolviz.widgets.explorer.convolution.layer_explorer import LayerExplorer
from poolviz.widgets.page.recording import Recording
from poolviz.widgets.stack.widget import StackExplorer


@answers_keywords()
class ErrorDecoder(Composite, Savable):
    """A paste box for an error message, a log or the code of a model, with the answer below.

    Parameters
    ----------
    text
        The pasted text; it is never executed.
    input_shape
        Without the batch, for code that does not state it.
    is_open
        Whether the explorer of the text is open.
    language
        Language of all texts: "en" or "de"; the current one if left out.

    Raises
    ------
    TypeError
        If the text is not a str.
    ValueError
        For an unknown language.

    Notes
    -----
    `text` and `input_shape` can be assigned. `explanation` is what was understood: `message`,
    `stack`, `fixes`. `explorer` is the explorer opened by the button "open in explorer".

    Examples
    --------
    >>> ErrorDecoder("Negative dimension size caused by subtracting 2 from 1 for 'pool1/MaxPool'")
    ErrorDecoder(TensorFlow, max pooling, layer "pool1": no window fits. The window 2 is longer \
than the input 1.)
    """

    def __init__(
        self,
        text: str = "",
        input_shape: tuple[int, ...] | None = None,
        *,
        is_open: bool = False,
        language: str | None = None,
    ) -> None:
        self._language = chosen(language)
        self.view = DecoderView(text, input_shape, self.language, is_open=is_open)
        self.explorer: LayerExplorer | StackExplorer | None = None
        super().__init__((self.view,))
        self.view.observe_internal(self._follow, ["explanation", "is_open"])
        if self.view.is_open:
            self._follow()

    @property
    def text(self) -> str:
        """The text in the paste box; assign another one."""
        return self.view.text

    @text.setter
    def text(self, text: str) -> None:
        self.view.take(text, self.input_shape)

    @property
    def input_shape(self) -> tuple[int, ...] | None:
        """The input shape for code that does not state it; assign another one."""
        return self.view.input_shape

    @input_shape.setter
    def input_shape(self, input_shape: tuple[int, ...] | None) -> None:
        self.view.take(self.text, input_shape)

    @property
    def code(self) -> str:
        """The line of Python that opens what is shown."""
        return self.view.code

    def undo(self) -> None:
        """Return to the previous text."""
        self.view.undo()

    def redo(self) -> None:
        """Return to the text that `undo` left."""
        self.view.redo()

    @property
    def explanation(self) -> Explanation:
        """The explanation of the text."""
        return self.view.explanation

    def open_explorer(self) -> LayerExplorer | StackExplorer | None:
        """Open and return the explorer of the text; None if there is nothing to draw."""
        self.view.open_explorer()
        return self.explorer

    def _follow(self, change: object = None) -> None:
        """Show the explorer below while it is open."""
        before = self.explorer
        is_open = self.view.is_open
        self.explorer = _explorer(self.explanation, self.language) if is_open else None
        self.children = (self.view,) if self.explorer is None else (self.view, self.explorer)
        if before is not None:
            before.close()

    # --- without a browser -------------------------------------------------------------------

    def _sentence(self) -> str:
        return self.explanation.title if self.text.strip() else say("control.nothing_pasted")

    def _static_figure(self) -> AccessibleFigure | None:
        return figure_of(self.explanation)

    @property
    def headline(self) -> str:
        return self._sentence()

    def _static_html(self) -> str:
        figure = self._static_figure()
        image = "" if figure is None else picture(figure.png(), figure.alt)
        state = state_of(self.text, self.input_shape, self.explanation, None)
        return f"{image}\n{decoder_html(state)}"

    def _record(self, ranges: Ranges) -> Recording:
        view = self.view
        return record_decoder(view.text, view.input_shape, view.explanation, is_open=view.is_open)


def _explorer(explanation: Explanation, language: str) -> LayerExplorer | StackExplorer | None:
    if explanation.stack is not None:
        return StackExplorer(explanation.stack, language=language)
    if explanation.drawable is None:
        return None
    layer, sizes, _ = explanation.drawable
    return LayerExplorer(layer, sizes, language=language)
