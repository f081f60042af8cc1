"""Texts of rules and diagnoses in German: examples checked by hand, no English left."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import pytest

import poolviz as pv
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.arithmetic.layers.network_layers import Add, Concatenate, Flatten, Linear, Reshape
from poolviz.diagnosis.layer.differences import difference
from poolviz.diagnosis.layer.examples import EXAMPLES
from poolviz.i18n.catalogue import set_language, using_language
from tests.diagnosis.stack_cases import RUNS, vgg16_like
from tests.support.recordings import COMPACT, SHAPE_TAGS

# --- examples ------------------------------------------------------------------------------------


def german(said: Callable[[], Any]) -> str:
    with using_language("de"):
        return str(said())


def test_one_layer_in_german() -> None:
    assert german(lambda: pv.diagnose(pv.Pool((5, 3), 2), (4, 6))).splitlines() == [
        "MaxPool 5×3, Stride 2, ohne Padding auf 4 × 6: PyTorch meldet RuntimeError",
        "  Höhe: Kein Fenster passt. Der Kernel 5 ist um 1 länger als die Eingabe 4.",
        "  Höhe: ⌊(4 − 5) / 2⌋ + 1 = 0",
        "  Breite: ⌊(6 − 3) / 2⌋ + 1 = 2",
        "Jede dieser Änderungen ergibt gültige Größen:",
        "  Kernel-Höhe 5 → 4: ergibt 1 × 2",
        "  Padding 1 in der Höhe: ergibt 1 × 2 (Padding ist −∞ und nie das Maximum)",
        "  Eingabe-Höhe 4 → 5: ergibt 1 × 2 (braucht größere Daten oder weniger Schichten davor)",
        "  adaptives Pooling auf 1: ergibt 1 × 1 (eine Zahl je Kanal, bei jeder Eingabegröße)",
        "  diese Schicht weglassen: ergibt 4 × 6 (die Feature-Map behält ihre Größe)",
    ]


FINDINGS: list[tuple[pv.Pool, Any, str]] = [
    (
        pv.Pool(3, dilation=4),
        7,
        "Höhe und Breite: Kein Fenster passt. "
        "Der effektive Kernel 9 = 4·(3 − 1) + 1 ist um 2 länger als die Eingabe 7.",
    ),
    (
        pv.Pool((7,), padding=1),
        3,
        "Länge: Kein Fenster passt. "
        "Der Kernel 7 ist um 2 länger als die aufgefüllte Eingabe 5 = 3 + 2·1.",
    ),
    (
        pv.Pool(3, padding=2),
        9,
        "Höhe und Breite: PyTorch erlaubt höchstens die halbe Kernelgröße, 3//2 = 1, unabhängig "
        "von der Dilation; hier sind es 2. Stattdessen: höchstens padding=1, oder vor der Schicht "
        "mit "
        "F.pad auffüllen.",
    ),
    (
        pv.Pool(2, padding=1, framework="keras"),
        6,
        'Das Pooling von Keras nimmt padding=(1, 1) nicht an, nur "valid" und "same". '
        'Stattdessen: padding="same" oder ZeroPadding2D(((1, 1), (1, 1))) vor der Schicht '
        "(das füllt mit Nullen auf).",
    ),
    (
        pv.Pool(2, ceil_mode=True, framework="tensorflow"),
        5,
        'TensorFlow hat kein ceil_mode. Stattdessen: padding="SAME" behält die letzten Zellen.',
    ),
    (
        pv.Pool(4, 4, framework="onnxruntime"),
        (3, 8),
        "Höhe: Der Kernel 4 ist um 1 länger als die Eingabe 3, aber die Division wird zur Null "
        "hin gerundet. Also bildet onnxruntime ein Fenster, liest nur, was vorhanden ist (3 "
        "Zeilen), und meldet keinen Fehler.",
    ),
    (
        pv.Pool((2,), 2, "same", framework="onnxruntime"),
        0,
        "Länge: onnxruntime nimmt keine Eingabe der Größe 0 an. Stattdessen: sieh dir die "
        "Schichten davor an: Eine davon liefert eine leere Feature-Map.",
    ),
    (
        pv.Pool(3, 2, "same", framework="keras"),
        10,
        'Höhe und Breite: "same" füllt davor 0 und danach 1 auf. Kein symmetrisches '
        "Padding ergibt diese Fenster.",
    ),
    (
        pv.Pool(2, 5),
        12,
        "Höhe: Kein Fenster liest 6 Zeilen von 12 (2–4, 7–9, ab 0 gezählt). Der Stride 5 ist "
        "länger als der Kernel 2, also überspringt jeder Schritt 3 Zeilen.",
    ),
    (
        pv.Pool((2,), 2),
        5,
        "Länge: Kein Fenster liest 1 Element von 5 (4, ab 0 gezählt). Die übrigen Zellen füllen "
        "kein weiteres Fenster.",
    ),
    (
        pv.Pool((2, 2, 2), 2, ceil_mode=True),
        (3, 4, 4),
        "Tiefe: ceil_mode fügt ein letztes Fenster an, das um 1 Scheibe übersteht. Der "
        "überstehende Teil enthält keine Werte und zählt nicht mit.",
    ),
    (
        pv.Pool((3,), padding="same", framework="keras"),
        0,
        "Länge: Die Eingabe ist leer, also auch die Ausgabe. "
        "Keras gibt ein leeres Array zurück, 0, ohne Fehlermeldung.",
    ),
    (
        pv.Pool((12_000,)),
        10_000,
        "Länge: Kein Fenster passt. Der Kernel 12.000 ist um 2000 länger als die Eingabe 10.000.",
    ),
]


@pytest.mark.parametrize(("layer", "input_size", "expected"), FINDINGS)
def test_findings_in_german(layer: pv.Pool, input_size: Any, expected: str) -> None:
    assert german(lambda: pv.diagnose(layer, input_size).findings[0]) == expected


def test_frameworks_side_by_side_in_german() -> None:
    verdicts = pv.compare(pv.trace(pv.Pool(15), 10))
    keras = pv.trace(pv.Pool(3, 2, "same", framework="keras"), 10)
    average = pv.trace(pv.Pool(3, 2, 1, op="avg", framework="onnxruntime"), 9)

    with using_language("de"):
        assert [f"{verdict.title} {verdict.text}" for verdict in verdicts] == [
            "PyTorch meldet RuntimeError",
            "TensorFlow meldet ValueError",
            "Keras meldet ValueError",
            "JAX gibt ein leeres Array zurück, 0 × 0, ohne Fehlermeldung",
            "onnxruntime gibt 1 × 1 aus einem unvollständigen Fenster zurück, ohne Fehlermeldung",
        ]
        assert difference(keras, pv.trace(pv.Pool(3, 2, 1), 10)) == (
            "Höhe und Breite: Angefügt werden 1 davor und 1 danach, nicht 0 davor und 1 danach, "
            "also beginnt jedes Fenster 1 Element früher."
        )
        assert difference(average, pv.trace(pv.Pool(3, 2, 1, op="avg"), 9)) == (
            "PyTorch teilt durch die Zahl der Kernelelemente, mit Padding."
        )


def test_a_stack_in_german() -> None:
    stack = pv.Stack([pv.Pool(2)] * 3, (5, 12, 1), framework="keras")

    assert german(lambda: stack).splitlines()[:7] == [
        "Keras, Kanäle zuletzt, Eingabe 5 × 12 × 1",
        "   Schicht      Ausgabe    sieht  Schritt  ungelesen",
        "0  MaxPool 2×2  2 × 6 × 1      2        2         12",
        "1  MaxPool 2×2  1 × 3 × 1      4        4",
        "2  MaxPool 2×2  ✗ Keras 3.15 meldet ValueError",
        "3 Schichten auf 5 × 12 × 1: bricht ab bei Schicht 2 (MaxPool 2×2), Keras 3.15 meldet "
        "ValueError",
        "  Höhe: Kein Fenster passt. Der Kernel 2 ist um 1 länger als die Eingabe 1.",
    ]


def test_channel_order_in_german() -> None:
    stack = pv.Stack([Conv(8, 3), pv.Pool(2), Conv(8, 3)], (1, 28, 28), framework="keras")
    said = german(lambda: stack.diagnosis)

    assert (
        "Die Eingabe 1 × 28 × 28 wird gelesen als Höhe 1, Breite 28 und 28 Kanäle. Mit Kanälen "
        "zuerst gelesen ist sie Höhe 28, Breite 28 und 1 Kanal: dann läuft jede Schicht, und die "
        "Ausgabe ist 11 × 11 × 8."
    ) in said
    assert "  die Daten transponieren, Kanäle zuletzt (28 × 28 × 1): ergibt 11 × 11 × 8\n" in said
    assert '  data_format="channels_first" in jeder Schicht: ergibt 8 × 11 × 11' in said


STACKS: list[tuple[list[Any], tuple[int, ...], str, str]] = [
    (
        [Flatten(), Linear(10, in_features=400)],
        (16, 4, 4),
        "pytorch",
        "400 Merkmale sind 16 Kanäle der Größe 5 × 5; die Schicht bekommt 16 Kanäle der Größe 4 × "
        "4.",
    ),
    (
        [Flatten(), Linear(10, in_features=400)],
        (16, 4, 4),
        "pytorch",
        "in_features 400 → 256 in Schicht 1 (Linear auf 10): ergibt 10 (mit neuen Gewichten)",
    ),
    (
        [Flatten(), Linear(10, in_features=400)],
        (16, 4, 4),
        "pytorch",
        "adaptives Pooling auf 5 × 5 vor Schicht 0 (Flatten): ergibt 10, aus einer Feature-Map der "
        "Größe "
        "16 × 5 × 5 (der Kopf bleibt unverändert, auch für andere Eingabegrößen)",
    ),
    (
        [Linear(10, in_features=48)],
        (3, 4, 4),
        "pytorch",
        "Schicht 0 (Linear auf 10) verwendet nur die letzte Achse, und die hat 4. "
        "Die Feature-Map 3 × 4 × 4 wurde nicht durch Flatten umgeformt.",
    ),
    (
        [Conv(8, 3, in_channels=3)],
        (1, 9, 9),
        "pytorch",
        "Gebaut für 3 Kanäle, bekommt aber 1.",
    ),
    (
        [Conv(8, 3, in_channels=3)],
        (1, 9, 9),
        "pytorch",
        "den einen Kanal 3-mal wiederholen: ergibt 8 × 7 × 7 "
        "(eine trainierte Schicht kann bleiben)",
    ),
    (
        [Conv(6, 3, groups=3)],
        (4, 9, 9),
        "pytorch",
        "4 Kanäle lassen sich nicht in 3 gleiche Gruppen teilen.",
    ),
    (
        [Add([[], [Conv(3, 3)]])],
        (3, 9, 9),
        "pytorch",
        "Höhe und Breite: Feature-Maps der Form 3 × 9 × 9 und 3 × 7 × 7 lassen sich nicht "
        "addieren.",
    ),
    (
        [Concatenate([[], [pv.Pool(2), ConvTranspose(3, 2, stride=2)]])],
        (3, 9, 9),
        "pytorch",
        "Höhe: Schicht 0 (MaxPool 2×2) liest nur 8, es sind aber 9 Zeilen. Nach dem Upsampling "
        "passt ihre Größe nicht mehr zum anderen Zweig.",
    ),
    (
        [Add([[], [Conv(8, 1)]])],
        (3, 9, 9),
        "pytorch",
        "eine 1×1-Faltung (8 → 3 Kanäle) vor Schicht 1 (Add): ergibt 3 × 9 × 9",
    ),
    (
        [Flatten(), Conv(8, 3)],
        (3, 9, 9),
        "pytorch",
        "Die Schicht braucht eine räumliche Achse, aber es ist keine mehr da. "
        "Die Feature-Map ging vorher durch Flatten.",
    ),
    (
        [Reshape((4, 7))],
        (3, 9, 9),
        "pytorch",
        "243 Elemente (3 × 9 × 9) füllen diese Form nicht. Sie fasst 28.",
    ),
    (
        [ConvTranspose(8, 3, padding=3)],
        (3, 2, 5),
        "pytorch",
        "Höhe: Von der Feature-Map 2 × 5 bleibt nichts übrig. Die Formel ergibt −2 × 1.",
    ),
    (
        [ConvTranspose(4, 3, groups=2)],
        (9, 9, 4),
        "keras",
        "Die transponierten Faltungen von Keras haben keine Gruppen. Stattdessen: groups=1.",
    ),
    (
        [ConvTranspose(4, 3, 2, 0, 2)],
        (3, 9, 9),
        "pytorch",
        "PyTorch verlangt ein output_padding unter dem Stride oder der Dilation, 2; hier ist es 2. "
        "Stattdessen: höchstens output_padding=1.",
    ),
    (
        [("conv1", Conv(8, 5)), ("pool1", pv.Pool(3)), ("conv2", Conv(8, 3))],
        (1, 8, 8),
        "pytorch",
        "Entlang der Höhe (ebenso Breite): conv1 entfernt 4 Zeilen (8 → 4) und pool1 entfernt "
        "3 Zeilen (4 → 1).",
    ),
    (
        [Conv(16, 3, padding=1), pv.Pool(8, op="avg")],
        (3, 7, 7),
        "pytorch",
        "Der Kopf poolt 8 × 8, aber seine Eingabe ist 7 × 7. Eingaben ab 8 × 8 ergeben eine so "
        "große Feature-Map.",
    ),
    (
        [pv.Pool(2)],
        (3, 28, 28),
        "jax",
        "Die Schichten von JAX erwarten Kanäle zuletzt. Hier wird wie verlangt die andere "
        "Reihenfolge angenommen.",
    ),
    (
        [pv.Pool(2, 2)],
        (3, 9, 9),
        "pytorch",
        "Nach der letzten Feature-Map wäre Platz für 2 weitere Pooling-Schichten.",
    ),
]


@pytest.mark.parametrize(("layers", "shape", "framework", "expected"), STACKS)
def test_stacks_in_german(
    layers: list[Any], shape: tuple[int, ...], framework: str, expected: str
) -> None:
    order = "channels_first" if framework == "jax" else None
    stack = pv.Stack(layers, shape, order, framework)

    assert expected in [line.strip() for line in german(lambda: stack.diagnosis).splitlines()]


def test_a_deep_stack_in_german() -> None:
    said = german(lambda: vgg16_like(28))

    assert "Die kleinste Eingabe, die funktioniert, ist 32 × 32." in said
    assert "  block5_pool weglassen: ergibt 1 × 1 × 32\n" in said
    assert "block1_pool entfernt 14 Zeilen (28 → 14)" in said
    assert "1 andere Schicht 2 Zeilen" in said
    assert "17  block5_pool: MaxPool 2×2, Stride 2  ✗ Keras 3.15 meldet ValueError" in said


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
