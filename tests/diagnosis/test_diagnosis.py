"""Fixes are recomputed, HTML is escaped, and errors carry the diagnosis."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given

import poolviz as pv
from poolviz.diagnosis.layer.findings import Cause, Finding, Severity
from poolviz.diagnosis.layer.fixes import Fix
from tests.diagnosis.diagnosed_calls import (
    MUCH_WORK,
    Call,
    any_calls,
    arguments,
    few,
    many,
    offered_calls,
    own_fixes,
    returned,
)
from tests.support.work import counted


def is_truncated(layer: pv.Pool, input_size: tuple[int, ...]) -> bool:
    """onnxruntime's windows that are longer than the padded input, without ceil_mode."""
    if layer.framework != "onnxruntime" or layer.ceil_mode:
        return False
    if returned(layer, input_size) is None:
        return False
    axes = pv.trace(layer, input_size).axes
    return any(
        axis.dilation * (axis.kernel_size - 1) + 1 > axis.input_size + sum(axis.padding)
        for axis in axes
    )


def works(layer: pv.Pool, input_size: tuple[int, ...]) -> bool:
    """Return whether the call returns something, from windows that fit."""
    size = returned(layer, input_size)
    return size is not None and 0 not in size and not is_truncated(layer, input_size)


# --- what a diagnosis promises -------------------------------------------------------------------


@many
@given(any_calls())
@example(Call(pv.Pool((15,), framework="jax"), (10,)))
@example(Call(pv.Pool((15,), stride=15, framework="onnxruntime"), (10,)))
@example(Call(pv.Pool((2,), padding="same", dilation=2, framework="onnxruntime"), (1,)))
def test_ok_is_false_exactly_for_errors_and_silent_failures(call: Call) -> None:
    assert works(*call) == pv.diagnose(*call).ok


@many
@given(offered_calls())
def test_a_working_layer_has_no_fixes_and_a_failing_one_has(call: Call) -> None:
    """And one of them keeps the layer: leaving it out is not the only way."""
    diagnosis = pv.diagnose(*call)

    assert works(*call) == (diagnosis.fixes == ())
    assert works(*call) == (own_fixes(diagnosis) == [])


@many
@given(any_calls())
def test_every_fix_works_and_gives_what_it_says(call: Call) -> None:
    for fix in pv.diagnose(*call).fixes:
        if fix.layer is None:
            assert call.input_size == fix.input_size == fix.output_size
            continue

        assert fix.output_size == returned(fix.layer, fix.input_size)
        assert works(fix.layer, fix.input_size)
        assert fix.text.startswith(f"{fix.change} gives {fix.gives}")


@many
@given(any_calls())
def test_no_fix_changes_an_explicit_stride_or_the_kind_of_pooling(call: Call) -> None:
    diagnosis = pv.diagnose(*call)
    for fix in diagnosis.fixes:
        if fix.layer is None:
            continue

        assert diagnosis.trace.layer.stride == fix.layer.stride
        assert (call.layer.op, call.layer.framework) == (fix.layer.op, fix.layer.framework)


@many
@given(any_calls())
@example(Call(pv.Pool((15, 15)), (10, 10)))
@example(Call(pv.Pool((3, 3), padding=2), (10, 10)))
@example(Call(pv.Pool((2, 1, 1), padding=(1, 0, 0), op="avg"), (1, 1, 1)))
def test_a_stride_that_moves_with_the_kernel_is_said(call: Call) -> None:
    """Without an explicit stride PyTorch, TensorFlow and Keras take the kernel's."""
    diagnosis = pv.diagnose(*call)
    before = [axis.stride for axis in diagnosis.trace.axes]
    for fix in own_fixes(diagnosis):
        assert fix.layer is not None
        after = [axis.stride for axis in pv.trace(fix.layer, fix.input_size).axes]

        assert before == after or "stride follows the kernel" in fix.text


@many
@given(offered_calls())
@example(Call(pv.Pool((2,), padding="same", dilation=(2,), framework="onnxruntime"), (1,)))
def test_no_fix_of_a_kernel_that_does_not_fit_takes_padding_away(call: Call) -> None:
    """Less padding makes a map smaller. "same" is a separate rule: it may pad a fitting axis
    less, and never one that fails. A layer that keeps "same" is padded as its new kernel needs it.
    """
    diagnosis = pv.diagnose(*call)
    if diagnosis.trace.refusals:
        return
    for fix in own_fixes(diagnosis):
        assert fix.layer is not None
        if fix.layer.padding == call.layer.padding in ("same", "same_lower"):
            continue
        new_axes = pv.trace(fix.layer, fix.input_size).axes
        for old, new in zip(diagnosis.trace.axes, new_axes, strict=True):
            is_new_rule = fix.layer.padding == "same" != call.layer.padding
            if not is_new_rule:
                assert new.padding.before >= old.padding.before
                assert new.padding.after >= old.padding.after
            elif old.missing:
                assert new.padding.total >= old.padding.total


@many
@given(any_calls())
def test_fixes_differ_and_change_only_what_is_wrong(call: Call) -> None:
    """No fix is offered twice, and each says what it sets."""
    fixes = pv.diagnose(*call).fixes
    texts = [fix.text for fix in fixes]

    assert len(texts) == len(set(texts))
    assert all(fix.change for fix in fixes)


@many
@given(any_calls())
@example(Call(pv.Pool((20, 20), stride=(10, 1), framework="onnxruntime"), (10, 10)))
@example(Call(pv.Pool((20, 20), stride=(1, 10), framework="onnxruntime"), (10, 10)))
@example(Call(pv.Pool((20, 21), stride=(10, 1), framework="onnxruntime"), (10, 10)))
def test_findings_are_errors_exactly_where_the_call_raises(call: Call) -> None:
    """The most severe findings come first."""
    diagnosis = pv.diagnose(*call)
    severities = [list(Severity).index(finding.severity) for finding in diagnosis.findings]
    gravest = diagnosis.findings[0].severity if diagnosis.findings else None

    assert severities == sorted(severities)
    assert (returned(*call) is None) == (gravest is Severity.ERROR)


@many
@given(any_calls())
def test_it_always_shows_itself(call: Call) -> None:
    diagnosis = pv.diagnose(*call)
    text = str(diagnosis)

    assert text == repr(diagnosis)
    assert text.splitlines()[0] == diagnosis.headline
    assert all(str(finding) in text for finding in diagnosis.findings)
    assert all(fix.text in text and str(fix) == fix.text for fix in diagnosis.fixes)
    assert [*_Markup.of(diagnosis).texts] == [
        diagnosis.headline,
        *map(str, diagnosis.findings),
        *diagnosis.trace.formula.splitlines(),
        *(["Any one of these gives valid shapes:"] if diagnosis.fixes else []),
        *(words for fix in diagnosis.fixes for words in (fix.text, fix.code) if words),
    ]


class _Markup(HTMLParser):
    """The tags of a piece of HTML, and its texts with the entities read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.texts: list[str] = []

    @classmethod
    def of(cls, diagnosis: pv.Diagnosis) -> _Markup:
        """The HTML of a diagnosis, read."""
        reader = cls()
        reader.feed(diagnosis._repr_html_())
        reader.close()
        return reader

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())


def test_html_is_escaped() -> None:
    """Whatever a text holds, only the tags of the frame are tags."""
    trace = pv.trace(pv.Pool(15), 10)
    nasty = "<script>alert('1 & 2')</script>"
    finding = Finding(Cause.UNREAD, Severity.NOTE, ("height",), nasty, nasty)
    fix = Fix("kernel_size", None, (1,), (1,), nasty, nasty, nasty)
    diagnosis = pv.Diagnosis(trace, (finding,), (fix,))
    read = _Markup.of(diagnosis)

    assert {"div", "p", "strong", "ul", "li", "code"} == read.tags
    assert {str(finding), fix.text, nasty} <= set(read.texts)


def test_what_a_bare_cell_shows_is_the_sentence() -> None:
    diagnosis = pv.diagnose(pv.Pool(15), 10)

    assert repr(diagnosis.findings[0]) == str(diagnosis.findings[0])
    assert (
        repr(diagnosis.fixes[0])
        == diagnosis.fixes[0].text
        == "kernel 15 → 10 gives 1 × 1 \
(the stride follows the kernel size: 10)"
    )


def test_quotes_are_escaped() -> None:
    assert '"same"' not in pv.diagnose(pv.Pool(3, padding="same"), 11)._repr_html_()


HUGE = 10**9


@pytest.mark.parametrize(
    ("layer", "input_size"),
    [
        (pv.Pool(HUGE), 10),
        (pv.Pool(2), HUGE),
        (pv.Pool(HUGE, stride=HUGE), HUGE),
        (pv.Pool(3, stride=7), HUGE),
        (pv.Pool(2, stride=3, dilation=HUGE), HUGE),
        (pv.Pool(HUGE, dilation=HUGE, stride=1), HUGE),
        (pv.Pool(3, padding=HUGE, framework="jax"), HUGE),
        (pv.Pool(HUGE, padding="same", framework="jax"), (HUGE, 1, HUGE)),
        (pv.Pool(HUGE, ceil_mode=True, op="avg"), (3, HUGE)),
        (pv.Pool(HUGE, framework="onnxruntime"), (HUGE - 1, 1)),
        (pv.Pool(HUGE, stride=2 * HUGE, framework="onnxruntime"), (HUGE - 1, 1)),
    ],
)
def test_huge_sizes_are_no_more_work(layer: pv.Pool, input_size: Any) -> None:
    diagnosis, calls = counted(lambda: pv.diagnose(layer, input_size))
    texts, more_calls = counted(lambda: (str(diagnosis), diagnosis._repr_html_()))

    assert calls + more_calls < MUCH_WORK
    assert all("MaxPool" in text or "AvgPool" in text for text in texts)


# --- the error -----------------------------------------------------------------------------------


RAISING: dict[str, Callable[[], Any]] = {
    "output_size": lambda: pv.output_size((4, 6), (5, 3), stride=2),
    "pool": lambda: pv.pool(np.zeros((4, 6)), pv.Pool((5, 3), stride=2)),
    "pool_indices": lambda: pv.pool_indices(np.zeros((4, 6)), pv.Pool((5, 3), stride=2)),
    "pool_gradient": lambda: pv.pool_gradient(
        np.zeros((1, 2, 4, 6)), pv.Pool((5, 3), stride=2), np.zeros((1, 2, 0, 2))
    ),
}


@pytest.mark.parametrize("call", RAISING.values(), ids=RAISING)
def test_the_error_names_axis_numbers_and_a_fix(call: Callable[[], Any]) -> None:
    with pytest.raises(pv.PoolShapeError) as caught:
        call()
    text = str(caught.value)

    assert isinstance(caught.value, ValueError)
    assert "height: no window fits. The kernel 5 is longer than the input 4, by 1." in text
    assert "width: no window" not in text
    assert "kernel height 5 → 4 gives 1 × 2" in text


def test_the_error_carries_the_diagnosis() -> None:
    with pytest.raises(pv.PoolShapeError) as caught:
        pv.output_size(10, 15)
    expected = pv.diagnose(pv.Pool(15), 10)

    assert expected == caught.value.diagnosis
    assert str(expected) == str(caught.value)
    assert expected.trace == caught.value.trace


@pytest.mark.parametrize(
    "clone",
    [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_the_error_survives_a_copy(clone: Callable[[Any], Any]) -> None:
    """A process pool and a notebook kernel send errors as pickles."""
    with pytest.raises(pv.PoolShapeError) as caught:
        pv.output_size((4, 6), (5, 3), stride=2)
    error = caught.value
    _ = error.diagnosis  # computed before the copy is made
    twin = clone(error)

    assert type(twin) is pv.PoolShapeError
    assert str(error) == str(twin)
    assert error.diagnosis == twin.diagnosis


@few
@given(any_calls())
def test_the_error_is_raised_where_the_framework_raises(call: Call) -> None:
    traced = pv.trace(*call)
    if traced.outcome != "raises":
        assert returned(*call) == traced.returned_size
        return
    with pytest.raises(pv.PoolShapeError) as caught:
        pv.output_size(call.input_size, **arguments(call.layer))

    assert str(pv.diagnose(*call)) == str(caught.value)
