"""The texts of an ErrorDecoder as HTML without a script."""

from __future__ import annotations

from poolviz.i18n.catalogue import say
from poolviz.i18n.html import bullets, fix_list, quoted
from poolviz.widgets.base.wire import AnswerState


def decoder_html(state: AnswerState) -> str:
    """Return what was understood, what helps, and the text itself."""
    fixes = ((fix["text"], fix["code"]) for fix in state["fixes"])
    return "\n".join(
        (
            bullets(state["sentences"]),
            fix_list(say("browser.any_works"), fixes),
            quoted(say("browser.decoder.message"), state["quoted"]),
            quoted(say("page.pasted"), state["text"]),
        )
    )
