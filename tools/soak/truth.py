"""The expected texts of a page, computed from its state in a process without the page."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import poolviz as pv
from poolviz.arithmetic.convolution.trace import trace_convolution
from poolviz.diagnosis.layer.diagnosis import Diagnosis, diagnosis_of
from poolviz.diagnosis.layer.findings import Severity
from poolviz.diagnosis.layer.heading import heading_of
from poolviz.diagnosis.phrases import layer_title
from poolviz.drawing.charts.size_chart import build_chart
from poolviz.reading.explain import explain

Facts = dict[str, Any]
Words = dict[str, Any]
_NAMES = {name: getattr(pv, name) for name in pv.__all__} | {"inf": math.inf, "nan": math.nan}


def differences(facts: Facts, words: Words) -> list[str]:
    """Yield what a view shows wrongly; nothing while it shows that a setting was rejected."""
    found = []
    if "bug in poolviz" in words["problem"]:
        found.append(words["problem"])
    if words["problem"] != facts["problem"] and facts["problem"]:
        found.append(f"problem: {words['problem']!r} is shown, not {facts['problem']!r}")
    if "trait" in facts and facts["trait"] != facts["input_size"]:
        found.append(f"the trait input_size is {facts['trait']}, not {facts['input_size']}")
    if words["outside"]:
        found.append(f"{words['outside']} marks lie beside the picture")
    expected = _EXPECTED[facts["kind"]](facts)
    for name, wanted in expected.items():
        shown = words[name]
        if shown is None:
            continue
        if isinstance(wanted, list):
            shown = shown[: len(wanted)]  # the findings are followed by a note on the picture
        if not _alike(shown, wanted):
            found.append(f"{name}: {shown!r} is shown, not {wanted!r}")
    return found


def _alike(shown: Any, wanted: Any) -> bool:
    """Return whether two texts are equal but for white space."""
    if isinstance(wanted, list | tuple):
        return len(shown) == len(wanted) and all(map(_alike, shown, wanted))
    return " ".join(str(shown).split()) == " ".join(str(wanted).split())


def _traced(facts: Facts) -> pv.Trace:
    layer, sizes = eval(facts["layer"], _NAMES), tuple(facts["input_size"])
    channels = facts.get("channels")
    return pv.trace(layer, sizes) if channels is None else trace_convolution(layer, sizes, channels)


def _explorer(facts: Facts) -> Words:
    traced = _traced(facts)
    said = diagnosis_of(traced)
    return {
        "verdict": heading_of(said).text,
        "title": layer_title(traced),
        "formulas": [_formula(axis) for axis in traced.axes],
        "findings": _below_the_verdict(said),
        "fixes": [f"{fix.change} gives {fix.gives}" for fix in said.fixes],
        "frameworks": [(verdict.versioned_title, verdict.text) for verdict in pv.compare(traced)],
    }


def _below_the_verdict(said: Diagnosis) -> list[str]:
    """Return the findings; the verdict is the first one, of which the rest follows here."""
    texts = [str(finding) for finding in said.findings]
    if not said.findings or said.findings[0].severity is Severity.NOTE:
        return texts
    more = heading_of(said).more
    return [*([more] if more else []), *texts[1:]]


def _formula(axis: Any) -> str:
    mark = "  ✗" if axis.output_size < 1 else ""
    dilation = f"  with {axis.dilation_formula}" if axis.dilation_formula else ""
    return f"{axis.name} {axis.formula}{mark}{dilation}"


def _stack(facts: Facts) -> Words:
    stack = pv.Stack(
        eval(facts["layers"], _NAMES),
        tuple(facts["input_shape"]),
        framework=facts["framework"],
        data_format=facts["data_format"],
    )
    return {
        "verdict": stack.diagnosis.verdict,
        "title": f"{stack.diagnosis.headline}.",
        "findings": [str(finding) for finding in stack.diagnosis.findings],
        "fixes": [fix.change for fix in stack.fixes],
    }


def _decoder(facts: Facts) -> Words:
    shape = facts["input_shape"]
    said = explain(facts["text"], None if shape is None else tuple(shape))
    is_empty = not facts["text"].strip()
    return {
        "verdict": "" if is_empty else said.verdict,
        "title": "" if is_empty else said.place,
        "findings": [] if is_empty else list(said.sentences),
        "fixes": [text for text, _ in said.fixes],
    }


def _chart(facts: Facts) -> Words:
    chart = build_chart(_traced(facts), *facts["over"])
    return {"title": chart.title, "alt": chart.alt}


def _comparison(facts: Facts) -> Words:
    return {}


def _card(facts: Facts) -> Words:
    one = pv.exercise(facts["id"], facts["seed"])
    question = one.question.removesuffix(f"\n\n{one.block}") if one.block else one.question
    feedback = ""
    if facts["is_answered"]:
        given = one.check(facts["answer"])
        feedback = f"{given.mark} {given.reason}"
    return {"question": question.replace("`", ""), "feedback": feedback.replace("`", "")}


_EXPECTED: dict[str, Callable[[Facts], Words]] = {
    "PoolExplorer": _explorer,
    "LayerExplorer": _explorer,
    "StackView": _stack,
    "DecoderView": _decoder,
    "ChartView": _chart,
    "ComparisonView": _comparison,
    "ExerciseCard": _card,
}
