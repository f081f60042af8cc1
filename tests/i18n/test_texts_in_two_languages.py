"""No English in German texts; what is a fact is the same in both languages."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest

import poolviz as pv
from poolviz.arithmetic.layers.conv import Conv
from poolviz.diagnosis.layer.differences import difference
from poolviz.diagnosis.layer.examples import EXAMPLES
from poolviz.i18n.catalogue import set_language, using_language
from tests.diagnosis.stack_cases import RUNS
from tests.i18n.test_texts_diagnosis import german
from tests.support.recordings import COMPACT, SHAPE_TAGS

# --- no English ----------------------------------------------------------------------------------

ENGLISH_WORDS = frozenset(
    re.findall(
        r"\w+",
        "the a is are and of with no not to on by its that than from gives returns raises longer "
        "before after left out only which each every same input output layer map padding window",
    )
)
# What stays as it is: code, names in quotes, names of layers.
AS_IT_IS = r'"[^"]*"|[\w.]+\([^()]*\)|\b\w+=\S+|\b\w+[_.]\w+|\bzero_\w+'


def english_in(text: str) -> set[str]:
    """English words of a German text, outside of code; Padding with a capital letter is German."""
    plain = re.sub(AS_IT_IS, " ", text)
    return ENGLISH_WORDS & set(re.findall(r"(?<![\w-])[a-z]+\b", plain))


def test_english_is_noticed() -> None:
    assert english_in("Höhe: no window fits") == {"no", "window"}
    assert english_in('der Kernel, "same", x.is_a(the=1), padding=(1, 1) und Padding') == set()


def diagnoses() -> Iterator[pv.Diagnosis]:
    """One of each kind of recorded run, and what the examples show."""
    for tag in SHAPE_TAGS:
        for run in COMPACT.shape_runs(tag)[::2]:
            yield pv.diagnose(run.layer, run.input_size)
    for example in EXAMPLES.values():
        yield pv.diagnose(example.layer, example.input_size)


def lines_of(said: pv.Diagnosis | pv.StackDiagnosis) -> list[str]:
    return [line.strip() for line in str(said).splitlines()]


@pytest.mark.long
def test_no_diagnosis_has_english_in_it() -> None:
    """Every line of every diagnosis differs from the English one."""
    found = list(diagnoses())
    english = list(chain.from_iterable(map(lines_of, found)))
    with using_language("de"):
        said = list(chain.from_iterable(map(lines_of, found)))

    assert len(said) == len(english) > 3000
    assert [line for line, other in zip(said, english, strict=True) if line == other] == []
    assert {line: english_in(line) for line in said if english_in(line)} == {}


@pytest.mark.long
def test_no_comparison_has_english_in_it() -> None:
    traces = [one.trace for one in diagnoses()][::3]
    with using_language("de"):
        said = [
            text
            for trace in traces
            for verdict in pv.compare(trace)
            for text in (verdict.text, difference(trace, verdict.trace))
        ]

    assert {text: english_in(text) for text in said if english_in(text)} == {}


@pytest.mark.long
def test_no_stack_has_english_in_it() -> None:
    """Diagnosis, table and first failure of the recorded architectures."""
    stacks = [run.stack for run in RUNS]
    english = [lines_of(stack.diagnosis) for stack in stacks]
    with using_language("de"):
        said = [lines_of(stack.diagnosis) for stack in stacks]
        tables = [str(stack) + str(stack.first_failure) for stack in stacks]
    pairs = list(zip(chain(*said), chain(*english), strict=True))

    assert len(pairs) > 1000
    assert [line for line, other in pairs if line == other] == []
    assert {text: found for text in (*tables, *chain(*said)) if (found := english_in(text))} == {}


def test_no_example_has_an_english_title() -> None:
    with using_language("de"):
        titles = [example.title for example in EXAMPLES.values()]

    assert {title: english_in(title) for title in titles if english_in(title)} == {}
    assert set(titles) & {example.title for example in EXAMPLES.values()} == set()


# --- facts are the same in every language --------------------------------------------------------


@pytest.mark.parametrize("run", [run for run in RUNS if not run.stack.ok][::4], ids=lambda r: r.id)
def test_what_was_made_in_one_language_is_said_in_the_other(run: Any) -> None:
    """Also what was kept: findings, fixes, root causes. And back."""
    stack, fresh = run.stack, pv.Stack(*_arguments(run.stack))
    english = [str(stack), stack._repr_html_(), str(stack.first_failure), str(stack.fixes)]
    with using_language("de"):
        said = [str(stack), stack._repr_html_(), str(stack.first_failure), str(stack.fixes)]
        again = [str(fresh), fresh._repr_html_(), str(fresh.first_failure), str(fresh.fixes)]

    assert said == again
    assert english == [str(fresh), fresh._repr_html_(), str(fresh.first_failure), str(fresh.fixes)]
    assert stack.diagnosis.findings == fresh.diagnosis.findings


def _arguments(stack: pv.Stack) -> tuple[Any, ...]:
    return stack.layers, stack.input_shape, stack.data_format, stack.framework


def test_findings_and_fixes_are_equal_in_every_language() -> None:
    layer = pv.Pool(9, padding=5, framework="keras")
    made = pv.diagnose(layer, 4)
    with using_language("de"):
        other = pv.diagnose(layer, 4)
        texts = [str(one) for one in (*made.findings, *made.fixes)]

    assert made == other
    assert hash(made.trace) == hash(other.trace)
    assert texts == [german(lambda one=one: one) for one in (*other.findings, *other.fixes)]
    assert [str(one) for one in other.findings] == [str(one) for one in made.findings]


def test_an_error_speaks_the_language_in_which_it_is_read() -> None:
    with pytest.raises(pv.PoolShapeError) as caught:
        pv.output_size(10, 15, framework="keras")
    sent = pickle.loads(pickle.dumps(caught.value))

    assert "no window fits" in str(caught.value)
    set_language("de")
    try:
        assert "Kein Fenster passt" in str(caught.value)
        assert "Kein Fenster passt" in str(sent)
    finally:
        set_language("en")


def test_a_refusal_kept_in_a_cache_speaks_every_language() -> None:
    """What stays the same for every input of a convolution is computed once."""
    stack = pv.Stack([Conv(4, 3, padding=1)], (9, 9, 3), framework="keras")
    with using_language("de"):
        first = str(pv.Stack([Conv(4, 3, padding=1)], (9, 9, 3), framework="keras"))

    assert "Die Faltungen von Keras nehmen nur" in first
    assert "Keras convolutions accept only" in str(stack)


def test_a_walk_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand layers, and a failure at one of them, are computed without looking up a text."""
    layers = [*[Conv(8, 3, padding=1)] * 1000, pv.Pool(50, padding=1, framework="keras")]

    def no_words(name: str) -> Any:
        raise AssertionError(f"words were looked up in {name!r}")

    monkeypatch.setattr("poolviz.i18n.catalogue.texts", no_words)
    stack = pv.Stack(layers, (3, 32, 32), framework="pytorch")

    assert not stack.ok
    with pytest.raises(AssertionError, match="words were looked up in 'en'"):
        str(stack)
