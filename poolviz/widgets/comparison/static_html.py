"""The texts of a FrameworkComparison as HTML without a script."""

from __future__ import annotations

from poolviz.i18n.catalogue import say
from poolviz.i18n.html import table
from poolviz.widgets.base.wire import ComparisonState


def comparison_html(state: ComparisonState) -> str:
    """Return a table: what each framework does, why, and its code."""
    heads = [say(f"browser.comparison.{name}") for name in ("framework", "does", "code")]
    rows = [
        (
            row["title"],
            " ".join(filter(None, (row["text"], row["why"]))),
            row["code"] or row["same"],
        )
        for row in state["rows"]
    ]
    return table(state["title"], heads, rows)
