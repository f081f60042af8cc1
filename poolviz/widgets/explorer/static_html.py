"""The texts of a PoolExplorer as HTML without a script."""

from __future__ import annotations

from poolviz.i18n.catalogue import say
from poolviz.i18n.html import bullets, escape, fix_list, paragraph, quoted, table
from poolviz.widgets.base.wire import Fix, SceneWords


def explorer_html(state: SceneWords) -> str:
    """Return sizes, formulas, findings, fixes, code, and what the frameworks do."""
    formulas = [
        " ".join(filter(None, (axis["name"], axis["formula"], axis["dilation"])))
        for axis in state["axes"]
    ]
    findings = [finding["text"] for finding in state["findings"]]
    heads = [say("browser.comparison.framework"), say("browser.comparison.does")]
    rows = [(entry["title"], entry["text"]) for entry in state["frameworks"]]
    return "\n".join(
        (
            paragraph(state["subtitle"]),
            bullets([*formulas, *findings, *state["insights"]]),
            fix_list(say("browser.any_works"), ((_text(f), f["code"]) for f in state["fixes"])),
            f"<p><code>{escape(state['code'])}</code></p>",
            quoted(say("browser.error_text"), state["says"]),
            table(say("browser.explorer.frameworks"), heads, rows),
        )
    )


def _text(fix: Fix) -> str:
    return f"{fix['text']} ({fix['also']})" if fix["also"] else fix["text"]
