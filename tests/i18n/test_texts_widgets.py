"""Pictures and widgets in German; a widget keeps its language."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest

import poolviz as pv
from poolviz.drawing.charts.side_by_side import build_side_by_side
from poolviz.drawing.charts.size_chart import build_chart
from poolviz.drawing.scene.overlays import OVERLAYS
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import Scene, build_scene
from poolviz.drawing.scene.sentences import window_sentence
from poolviz.i18n.catalogue import language, languages, texts, using_language
from poolviz.widgets.base.language import browser_texts

# --- German pictures -----------------------------------------------------------------------------


def scene(layer: pv.Pool, sizes: tuple[int, ...], **view: Any) -> Scene:
    traced = pv.trace(layer, sizes)
    values = pv.PoolExplorer(sizes, layer=layer).input
    return build_scene(traced, values, View(**view))


def labels(layer: pv.Pool, sizes: tuple[int, ...], **view: Any) -> list[str]:
    with using_language("de"):
        return [label.text for label in scene(layer, sizes, **view).labels]


@pytest.mark.parametrize(
    ("layer", "sizes", "view", "expected"),
    [
        (
            pv.Pool(3, stride=5),
            (10, 10),
            {},
            ["Eingabe 10 × 10", "Ausgabe 2 × 2", "gepunktet: 64 Zellen, die kein Fenster liest"],
        ),
        (
            pv.Pool(15, framework="keras"),
            (10, 10),
            {},
            [
                "Kernel 15",
                "Kernel 15",
                "Es fehlen 125 von 225 Zellen des Kernels",
                "Eingabe 10 × 10",
                "0 × 0",
                "Höhe und Breite: kein Fenster passt",
                "die Ausgabe wäre leer",
            ],
        ),
        (
            pv.Pool(3, stride=1, dilation=4, framework="jax"),
            (7, 7),
            {},
            [
                "effektiver Kernel 9",
                "effektiver Kernel 9",
                "Es fehlen 5 von 9 Zellen des Kernels",
                "Eingabe 7 × 7",
                "0 × 0",
                "Höhe und Breite: kein Fenster passt",
                "die Formel ergibt −1 × −1",
                "ein leeres Array wird zurückgegeben",
            ],
        ),
        (
            pv.Pool(3, stride=2, padding=2),
            (7, 7),
            {},
            [
                "Eingabe 7 × 7   schraffiert: Padding, −∞, nie das Maximum",
                "5 × 5",
                "nicht berechnet:",
                "der Aufruf wird abgelehnt",
            ],
        ),
        (
            pv.Pool(2, op="avg"),
            (3, 9, 9),
            {"slice_index": 2},
            [
                "Eingabe 3 × 9 × 9  Scheibe 2 von 3",
                "Ausgabe 1 × 4 × 4  kein Fenster liest diese Scheibe",
                "gepunktet: 115 Zellen, die kein Fenster liest",
                "Tiefe, Scheibe für Scheibe",
            ],
        ),
    ],
)
def test_german_labels(
    layer: pv.Pool, sizes: tuple[int, ...], view: dict[str, Any], expected: list[str]
) -> None:
    assert labels(layer, sizes, **view) == expected


@pytest.mark.parametrize(
    ("layer", "sizes", "expected"),
    [
        (
            pv.Pool(3, stride=5),
            (10, 10),
            (
                "Lesehäufigkeit: jede Zelle wird von 0 bis 1 Fenster gelesen; 36 Zellen von 1.",
                "Ungelesene Zellen: 64 von 100 Zellen: Zeilen 3–4, 8–9; Spalten 3–4, 8–9.",
                "Weg des Gradienten: ein Gradient von 1 an jeder Ausgabe erreicht 4 von 100 "
                "Zellen, mit höchstens 1 je Zelle; die größte Zelle eines Fensters bekommt alles, "
                "bei Gleichstand die "
                "erste.",
                "Rezeptives Feld: jede Ausgabezelle hat ein rezeptives Feld von 3 × 3; das der "
                "Nachbarzelle "
                "beginnt 5 weiter.",
            ),
        ),
        (
            pv.Pool(2, stride=1, op="avg"),
            (1, 20_000),
            (
                "Lesehäufigkeit: entfällt, weil der Aufruf einen Fehler auslöst.",
                "Ungelesene Zellen: alle 20.000 Zellen, weil der Aufruf einen Fehler auslöst.",
                "Weg des Gradienten: entfällt, weil der Aufruf einen Fehler auslöst.",
                "Rezeptives Feld: entfällt, weil der Aufruf einen Fehler auslöst.",
            ),
        ),
    ],
)
def test_german_insight(layer: pv.Pool, sizes: tuple[int, ...], expected: tuple[str, ...]) -> None:
    with using_language("de"):
        assert scene(layer, sizes, show=OVERLAYS).overlay_texts == expected


def test_german_window_sentences() -> None:
    with using_language("de"):
        most = scene(pv.Pool(3, stride=2), (10, 10))
        mean = scene(pv.Pool(3, stride=2, padding=1, op="avg"), (5, 5))
        far = scene(pv.Pool(2, stride=1, padding=1, dilation=2, framework="jax"), (1, 4))
        said = [
            window_sentence(most, 1, 2),
            window_sentence(mean, 0, 0),
            window_sentence(far, 0, 0),
        ]

    values = pv.PoolExplorer(10, 3).input
    assert values is not None
    largest = int(values[2:5, 4:7].max())
    assert said[0] == (
        f"Ausgabe Zeile 1, Spalte 2: das Maximum aus Zeilen 2–4, Spalten 4–6 ist {largest}"
    )
    assert re.fullmatch(
        r"Ausgabe Zeile 0, Spalte 0: der Durchschnitt aus Zeilen 0–1, Spalten 0–1 ist "
        r"-?\d,\d+ \(geteilt durch 9\)",
        said[1],
    )
    assert said[2].startswith("Ausgabe Zeile 0, Spalte 0: das Maximum aus keiner Zeile, Spalte 1")


def test_decimals_have_the_comma_of_the_language() -> None:
    """In the cells and in the sentence of a window alike."""
    layer = pv.Pool(3, stride=2, padding=1, op="avg")
    with using_language("de"):
        shown = scene(layer, (5, 5)).output
    plain = scene(layer, (5, 5)).output

    assert shown
    assert shown.numbers
    assert plain
    assert plain.numbers
    assert any("," in text for row in shown.numbers.texts for text in row)
    swapped = [[text.replace(",", ".") for text in row] for row in shown.numbers.texts]
    assert swapped == [list(row) for row in plain.numbers.texts]


def test_german_chart_and_comparison() -> None:
    traced = pv.trace(pv.Pool(3, stride=1, padding=1, op="avg"), (5, 5))
    with using_language("de"):
        chart = build_chart(traced, 0, "kernel_size", "stride")
        panels = build_side_by_side(traced)
        drawn = [label.text for label in (*chart.labels, *panels.labels)]

        assert chart.title == "Höhe der Ausgabe nach kernel_size und stride, PyTorch"
        assert chart.alt == (
            f"{chart.title}. 280 Einstellungen: 84 funktionieren, 182 haben keinen Platz für ein "
            "Fenster, 14 werden abgelehnt. Markiert: kernel_size 3, stride 1: 5."
        )
        assert chart.sentence(0, 9).endswith(": kein Fenster passt, die Formel ergibt 0")
        assert panels.title.endswith(" in fünf Frameworks, verglichen mit PyTorch")
    for text in (
        "84 von 280 Einstellungen funktionieren",
        "durchgestrichen: kein Fenster passt; die Zahl ist das Ergebnis der Formel;  "
        "schraffiert: das Framework lehnt das ab",
        "die Referenz",
        "meldet TypeError",
        "dasselbe",
    ):
        assert text in drawn


# --- a widget keeps its language -----------------------------------------------------------------

STACK = pv.Stack([pv.Pool(2)] * 3, (5, 12, 1), framework="keras")
MAKERS: dict[str, Callable[..., Any]] = {
    "PoolExplorer": lambda **given: pv.PoolExplorer(10, 15, show=OVERLAYS, **given),
    "StackExplorer": lambda **given: pv.StackExplorer(STACK, **given),
    "ErrorDecoder": lambda **given: pv.ErrorDecoder("", **given),
    "SizeMap": lambda **given: pv.SizeMap(10, 3, **given),
    "FrameworkComparison": lambda **given: pv.FrameworkComparison(7, 3, **given),
    "ExerciseCard": lambda **given: pv.ExerciseCard("size-plain", **given),
}
EACH_WIDGET = pytest.mark.parametrize("name", MAKERS)


def told(widget: Any) -> str:
    """Everything that a widget says, with a browser and without."""
    view = getattr(widget, "view", widget)
    data, _ = widget._repr_mimebundle_()
    state = {key: value for key, value in view.state.items() if key not in ("seq", "answers")}
    return json.dumps([repr(widget), data["text/plain"], data.get("text/html"), state])


@EACH_WIDGET
def test_a_widget_speaks_the_language_of_when_it_was_made(name: str) -> None:
    make = MAKERS[name]
    english = make()
    with using_language("de"):
        german = make()
        in_german = told(german)
        in_english = told(english)

    assert (english.language, german.language) == ("en", "de")
    assert told(english) == in_english == told(make(language="en"))
    assert told(german) == in_german == told(make(language="de"))
    assert in_english != in_german
    assert language() == "en"


@EACH_WIDGET
def test_the_browser_gets_the_words_of_the_language(name: str) -> None:
    for spoken in languages():
        widget = MAKERS[name](language=spoken)
        view = getattr(widget, "view", widget)

        sent = json.loads(zlib.decompress(view._code.packed))["texts"]
        assert sent == browser_texts(spoken)
        assert sent["language"] == spoken


@EACH_WIDGET
@pytest.mark.parametrize("wrong", ["", "fr", 3])
def test_there_is_no_other_language(name: str, wrong: Any) -> None:
    with pytest.raises(ValueError, match='language must be one of "de", "en", got'):
        MAKERS[name](language=wrong)


@EACH_WIDGET
def test_the_language_stays_for_life(name: str) -> None:
    with pytest.raises(AttributeError):
        MAKERS[name](language="de").language = "en"


@EACH_WIDGET
def test_the_still_picture_says_its_language(name: str) -> None:
    german, _ = MAKERS[name](language="de")._repr_mimebundle_()
    english, _ = MAKERS[name](language="en")._repr_mimebundle_()

    for html in (german.get("text/html"), english.get("text/html")):
        assert html is None or html.startswith(("<img", "<div"))
    assert 'lang="de"' in german.get("text/html", 'lang="de"').partition("src=")[0]
    assert "lang=" not in english.get("text/html", "").partition("src=")[0]


def test_what_is_asked_of_a_german_widget_is_answered_in_german() -> None:
    w = pv.PoolExplorer(10, 3, language="de")
    asked = {**w.state["settings"], "kernel_size": [15, 15]}
    w.asked = {"settings": asked}

    assert w.state["subtitle"].startswith("Eingabe 10 × 10 → 0 × 0.  ")
    w.asked = {"settings": {**asked, "values": "1 2\n3"}}
    assert w.state["problem"] == (
        "jede Zeile braucht so viele Zahlen wie die erste: Zeile 0 hat 2, Zeile 1 hat 1"
    )
    w.asked = {"settings": {**asked, "values": "1 b"}}
    assert w.state["problem"] == "die Eingabe besteht aus Zahlen, hier steht 'b'"
    w.asked = {"settings": {**asked, "kernel_size": [0, 0]}}
    assert w.state["problem"].startswith("Python meldet: kernel_size")
    w.layer = pv.Pool(2)
    assert w.state["subtitle"].startswith("Eingabe 10 × 10 → 5 × 5.  ")


def test_a_problem_in_english_is_the_error_alone() -> None:
    w = pv.PoolExplorer(10, 3)
    w.asked = {"settings": {**w.state["settings"], "kernel_size": [0, 0]}}

    assert w.state["problem"].startswith("kernel_size")


def test_a_fault_is_told_in_german(monkeypatch: pytest.MonkeyPatch) -> None:
    w = pv.PoolExplorer(10, 3, language="de")
    monkeypatch.setattr(w, "_render", lambda *_: 1 / 0)
    w.screen = {"theme": "dark"}

    assert (
        w.state["problem"] == "Das ist ein Fehler in poolviz: ZeroDivisionError: division by zero"
    )


def test_picture_and_words_of_a_german_explorer_follow_it() -> None:
    w = pv.PoolExplorer(10, 3, language="de")
    image, words = w.image(), w.words()
    with using_language("de"):
        expected = w._static_figure().png()

    assert image.value == expected
    assert words.value.startswith('<p lang="de">')
    w.input_size = 9
    assert " auf 9 × 9: " in words.value
    assert not pv.PoolExplorer(10, 3).words().value.startswith("<p lang")


def test_a_stack_hands_its_language_on() -> None:
    w = pv.StackExplorer(STACK, language="de")

    assert w.explorer is not None
    assert w.explorer.language == "de"
    w.explorer.input_size = (9, 9)
    assert w.view.state["note"] == (
        "Unten: diese Schicht auf 9 × 9; im Stack ist ihre Eingabe 1 × 3. Der Stack bleibt "
        "unverändert."
    )
    w.view.asked = {"action": {"name": "undo", "value": None}}
    assert w.view.state["problem"] == "es gibt nichts rückgängig zu machen"


def test_a_decoder_hands_its_language_on() -> None:
    code = "from torch import nn\nnet = nn.Sequential(nn.Conv2d(1, 8, 3), nn.MaxPool2d(30))\n"
    w = pv.ErrorDecoder(code, (1, 28, 28), language="de")
    opened = w.open_explorer()

    assert opened is not None
    assert opened.language == "de"


@pytest.mark.parametrize("kind", [pv.SizeMap, pv.FrameworkComparison])
def test_a_picture_beside_an_explorer_speaks_like_it(kind: Any) -> None:
    explorer = pv.PoolExplorer(10, 3, language="de")

    assert kind(explorer=explorer).language == "de"
    assert kind(explorer=explorer, language="en").language == "en"
    assert kind(10, 3, language="de").explorer.language == "de"


def test_a_drawing_speaks_the_language_of_when_it_was_drawn() -> None:
    english = pv.draw(pv.Pool(15), 10)
    with using_language("de"):
        german = pv.draw(pv.Pool(15), 10)

    assert (english.language, german.language) == ("en", "de")
    assert "Das Bild zeigt den Kernel an seiner ersten Position." in german.alt
    assert "The picture shows the kernel at its first position" in english.alt
    assert german._repr_mimebundle_()["text/html"].startswith('<img lang="de" alt="MaxPool')
    assert english._repr_mimebundle_()["text/html"].startswith('<img alt="MaxPool')


# --- nothing is said that is not shown -----------------------------------------------------------


def test_moving_a_slider_sends_no_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    w = pv.PoolExplorer(10, 3, language="de")
    sent: list[Any] = []
    monkeypatch.setattr(w, "send_state", lambda key=None: sent.append(key))
    w.asked = {"settings": {**w.state["settings"], "kernel_size": [4, 4]}}

    assert w.state["settings"]["kernel_size"] == [4, 4]
    assert sent
    assert not any(key is None or "_code" in key for key in sent)


def test_words_are_not_made_for_each_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    def words_for(size: int) -> int:
        said = 0

        def counting(name: str) -> Any:
            nonlocal said
            said += 1
            return texts(name)

        with monkeypatch.context() as patch:
            patch.setattr("poolviz.i18n.catalogue.texts", counting)
            scene(pv.Pool(3, stride=2, op="avg"), (size, size))
        return said

    assert words_for(120) - words_for(12) < 20
