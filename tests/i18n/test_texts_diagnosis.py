"""Texts of rules and diagnoses in German: examples checked by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import poolviz as pv
from poolviz.arithmetic.layers.conv import Conv, ConvTranspose
from poolviz.arithmetic.layers.network_layers import Add, Concatenate, Flatten, Linear, Reshape
from poolviz.diagnosis.layer.differences import difference
from poolviz.i18n.catalogue import using_language
from tests.diagnosis.stack_cases import vgg16_like

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
