"""The state of a FrameworkComparison: one call in all frameworks."""

from __future__ import annotations

from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.layer.comparison import Verdict
from poolviz.diagnosis.layer.conversion import convert
from poolviz.diagnosis.layer.differences import difference, kind_of_difference
from poolviz.diagnosis.layer.variants import Outcome
from poolviz.diagnosis.phrases import number
from poolviz.drawing.charts.side_by_side import SideBySide
from poolviz.i18n.catalogue import say
from poolviz.i18n.html import table
from poolviz.widgets.base.wire import ComparisonRow, ComparisonState, VariantRow


def state_of(parts: SideBySide) -> ComparisonState:
    """Return everything the browser shows of a comparison."""
    return {
        "title": parts.title,
        "alt": parts.alt,
        "width": parts.width,
        "height": parts.height,
        "panels": [
            {"box": list(panel), "framework": verdict.trace.layer.framework}
            for panel, verdict in zip(parts.panels, parts.verdicts, strict=True)
        ],
        "rows": [_row(parts.reference, verdict) for verdict in parts.verdicts],
        "variants": {
            "summary": _summary(len(parts.variants)),
            "listed": [_variant_row(variant) for variant in parts.variants],
        },
    }


def _summary(amount: int) -> str:
    """Return the title of the folded list."""
    if amount == 1:
        return say("variant.summary_one")
    return say("variant.summary_many", amount=number(amount))


def _variant_row(shown: Outcome) -> VariantRow:
    return {
        "title": shown.title,
        "version": shown.version,
        "text": shown.text,
        "why": shown.reason,
    }


def _row(reference: Trace, verdict: Verdict) -> ComparisonRow:
    framework = verdict.trace.layer.framework
    kind = kind_of_difference(reference, verdict.trace)
    is_reference = verdict.trace.framework is reference.framework
    converted = None if kind == "same" else convert(reference, framework)
    return {
        "framework": framework,
        "title": verdict.versioned_title,
        "version": verdict.trace.framework.version,
        "outcome": "truncated" if verdict.trace.is_truncated else verdict.trace.outcome,
        "text": verdict.text,
        "isReference": is_reference,
        "kind": kind,
        "why": difference(reference, verdict.trace) if kind != "outcome" else "",
        "code": verdict.code if verdict.trace.outcome != "raises" else "",
        "same": "" if converted is None else converted.code,
    }


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
