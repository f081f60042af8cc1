"""The words of a widget as HTML without a script: what stands below its picture."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from poolviz.i18n.catalogue import say
from poolviz.i18n.html import bullets, paragraph, quoted, suggestions, table


def explorer_words(state: dict[str, Any]) -> str:
    """Sizes, formulas, findings, fixes, code, and what the frameworks do."""
    formulas = [
        " ".join(filter(None, (axis["name"], axis["formula"], axis["dilation"])))
        for axis in state["axes"]
    ]
    findings = [one["text"] for one in state["findings"]]
    rows = [(entry["title"], entry["text"]) for entry in state["frameworks"]]
    return "\n".join(
        (
            paragraph(state["subtitle"]),
            bullets([*formulas, *findings, *state["insights"]]),
            fixes_list((_fix_text(fix), fix["code"]) for fix in state["fixes"]),
            f"<p><code>{escape(state['code'])}</code></p>",
            quoted(say("browser.error_text"), state["says"]),
            table(say("browser.explorer.frameworks"), _heads()[:2], rows),
        )
    )


def _fix_text(fix: dict[str, Any]) -> str:
    also = f" ({fix['also']})" if fix["also"] else ""
    return f"{fix['text']}{also}"


def comparison_words(state: dict[str, Any]) -> str:
    """What each framework does, why, and in which words it is asked."""
    rows = [
        (
            row["title"],
            " ".join(filter(None, (row["text"], row["why"]))),
            row["code"] or row["same"],
        )
        for row in state["rows"]
    ]
    return table(state["title"], _heads(), rows)


def decoder_words(state: dict[str, Any]) -> str:
    """What was understood, what would help, and the text itself."""
    return "\n".join(
        (
            bullets(state["sentences"]),
            fixes_list((fix["text"], fix["code"]) for fix in state["fixes"]),
            quoted(say("browser.decoder.message"), state["quoted"]),
            quoted(say("page.pasted"), state["text"]),
        )
    )


def _heads() -> list[str]:
    return [say(f"browser.comparison.{name}") for name in ("framework", "does", "code")]


def fixes_list(fixes: Iterable[tuple[str, str]]) -> str:
    """Return fixes with their line of code; "" for none."""
    return suggestions(say("browser.any_works"), fixes)
