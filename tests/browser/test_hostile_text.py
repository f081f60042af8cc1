"""Hostile text in every text field of every live widget, and in what Python says: it is only text.

All is done to a harmless text first: what is then on the page is all that may ever be there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import poolviz as pv
from poolviz.texts.language import say
from tests.hostile import PAYLOADS

from .conftest import Lab
from .explorers import run_widgets

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

pytestmark = pytest.mark.browser

HARMLESS = "plain words"
SHAPE = "28, 28, 1"
NUMBERS = 6  # fields for each axis: input, kernel, stride, dilation, padding before and after
VALUES = 1  # box for the numbers of the input
STACK = 2  # input shape and layer as text
# What is in each cell, and how many text fields it has beside the paste box.
LIVE = {
    "grid": ("pv.PoolExplorer(6, 3)", 2 * NUMBERS + VALUES),
    "volume": ("pv.PoolExplorer((2, 4, 5), 2)", 3 * NUMBERS + VALUES),
    "stack": (
        "pv.StackExplorer(pv.Stack([pv.Pool(2)] * 3, (5, 12, 1), framework='keras'))",
        STACK + 2 * NUMBERS + VALUES,
    ),
    "map": ("pv.SizeMap(6, 3)", 2 * NUMBERS + VALUES),
    "comparison": ("pv.FrameworkComparison(6, 3)", 2 * NUMBERS + VALUES),
    "number": ("pv.ExerciseCard('size-plain')", 1),
    "choice": (f"pv.ExerciseCard({'who-raises'!r})", 0),
    # Shape, the network that is opened, and its layer: input, kernel and dilation of all axes.
    "decoder": ("pv.ErrorDecoder()", 1 + STACK + 3 + VALUES),
}
# Names from Python: a network whose layers have them all, and a fault that says one of them.
NAMED = """from tests.hostile import PAYLOADS
layers = [pv.Named(name, pv.Pool(1)) for name in PAYLOADS.values()]
pv.StackExplorer(pv.Stack([*layers, ("last", pv.Pool(1))], (5, 5, 1), framework="keras"))"""
FAULT = """def fail(change):
    raise RuntimeError([*PAYLOADS.values()][change["new"].layer.kernel_size[0] - 1])
faulty = pv.PoolExplorer(99, 99)
faulty.tie(fail, "spec")
faulty"""
# What is shown without a widget, of a harmless text and of all others.
STILL = """from tests.test_hostile import MAKERS
def show(text):
    for kind, make in MAKERS.items():
        thing = make(text)
        if not hasattr(thing, "comm"):
            display(thing)
"""
CELLS = {
    **{name: source for name, (source, _) in LIVE.items()},
    "named": NAMED,
    "fault": FAULT,
    "harmless": f"{STILL}show({HARMLESS!r})",
    "hostile": "for text in PAYLOADS.values():\n    show(text)",
}
EACH = ("grid", "volume", "stack")  # the explorers of the others are of the same kind
ONE_WORD = "<img/src=x/onerror=window.hit=1>"
MESSAGE = (
    "ValueError: Negative dimension size caused by subtracting 2 from 1 for '{{{{node {}/"
    'MaxPool}}}} = MaxPool[T=DT_FLOAT, data_format="NHWC", ksize=[1, 2, 2, 1], padding="VALID", '
    "strides=[1, 2, 2, 1]](Placeholder)' with input shapes: [?,1,14,64]. {}"
)
CODE = (
    "import keras\nfrom keras import layers  # {0}\nmodel = keras.Sequential()\n"
    "model.add(layers.MaxPooling2D(2, name={0!r}))\n"
    "model.add(layers.MaxPooling2D(30, name={0!r}))\n"
    "model.add(layers.Strange({0!r}))\n"
)


def number_of(name: str) -> int:
    """Of a cell, among all of the notebook."""
    return list(CELLS).index(name) + 1  # the first one imports


ALL = [number_of(name) for name in LIVE]


class Pasted(NamedTuple):
    """What the decoder shows of a text."""

    title: str
    box: str  # what stands in it
    quoted: str


@dataclass
class Sheet:
    """The notebook, run, and all that may be on it."""

    page: Page
    errors: list[str]
    allowed: set[str]
    quoted: dict[str, list[str]]  # what each field of a cell was answered to one word

    def ask(self, expression: str, *given: Any) -> Any:
        """The value of `expression`, JavaScript with the list `given`."""
        return self.page.evaluate(f"async (given) => {expression}", list(given))

    def has_only_text(self) -> bool:
        """Nothing ran, nothing broke, nothing is there or was that a harmless text has not made."""
        assert self.errors == []
        assert self.page.evaluate("() => window.hit") is None
        assert set(self.ask("fields.takeSeen()")) - self.allowed == set()
        return True

    # --- what a reader does ------------------------------------------------------------------

    def write_everywhere(self, text: str) -> dict[str, list[str]]:
        """Into every field; what stands in them then."""
        self.ask("fields.writeAll(given[0], given[1])", ALL, text)
        found = self.ask("given.map(c => fields.of(c).map(field => field.value))", *ALL)
        return dict(zip(LIVE, found, strict=True))

    def problems(self, name: str) -> list[str]:
        """What the widgets of a cell complain of."""
        found: list[str] = self.ask(
            "fields.views(given[0]).map(view => view.querySelector('.pv-problem').textContent)",
            number_of(name),
        )
        return found

    def paste(self, text: str) -> Pasted:
        """Into the decoder."""
        found = self.ask(
            """{
              const [view] = fields.views(given[0]);
              const box = view.querySelector('.pv-paste');
              await fields.write(box, given[1]);
              const shown = (part) => view.querySelector(part)?.textContent ?? '';
              return [shown('.pv-title'), box.value, shown('.pv-says pre')];
            }""",
            number_of("decoder"),
            text,
        )
        return Pasted(*found)

    def give_shape(self, text: str) -> tuple[str, str]:
        """The title of the answer to the code that was pasted, and the problem."""
        title, problem = self.ask(
            """{
              const [view] = fields.views(given[0]);
              const shape = view.querySelector('.pv-form input');
              await fields.write(shape, given[1]);
              return [view.querySelector('.pv-title').textContent, fields.problem(shape)];
            }""",
            number_of("decoder"),
            text,
        )
        return title, problem

    def open_explorer(self) -> None:
        """Below the decoder, until all of it is there."""
        self.ask(
            """{
              const [view] = fields.views(given[0]);
              await fields.click(view, view.querySelector(':scope > button'));
            }""",
            number_of("decoder"),
        )
        self.page.wait_for_function(
            "cell => fields.output(cell).querySelectorAll('.pv-stage[data-seq]').length === 3",
            arg=number_of("decoder"),
        )

    def do_all(self, text: str) -> None:
        """Whatever a reader can do with a text, in any order; what is seen is not looked at."""
        self.give_shape("")
        self.paste(CODE.format(text))
        self.give_shape(text)
        self.give_shape(SHAPE)
        self.open_explorer()
        self.write_everywhere(text)
        self.give_shape(SHAPE)
        self.paste(MESSAGE.format(text, text))
        self.paste(text)


@pytest.fixture(scope="module")
def sheet(page: Page, lab: Lab) -> Sheet:
    errors: list[str] = page.problems  # type: ignore[attr-defined]

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    page.on("console", note)
    run_widgets(page, lab, "hostile_text.ipynb", CELLS)
    page.wait_for_function(
        "([all, least]) => [...document.querySelectorAll('.jp-CodeCell .pv-stage')]"
        ".filter(stage => stage.dataset.seq).length >= least",
        arg=[ALL, len(LIVE)],
    )
    page.add_script_tag(path=str(Path(__file__).with_name("fields.js")))
    opened = Sheet(page, errors, set(), {})
    opened.ask("fields.watch(given)", *ALL)
    for label, wanted in (("all_alike", False), ("default_stride", False), ("sides_differ", True)):
        opened.ask(
            "fields.tick(given[0], given[1], given[2])",
            ALL,
            say(f"browser.control.{label}"),
            wanted,
        )
    opened.quoted = dict(
        zip(
            EACH,
            opened.ask("fields.writeEach(given[0], given[1])", [*map(number_of, EACH)], ONE_WORD),
            strict=True,
        )
    )
    opened.do_all(HARMLESS)
    inside = opened.ask("given.flatMap(fields.inside)", *ALL)
    opened.allowed = {*inside, *opened.ask("fields.takeSeen()")}
    return opened


# --- what is typed -------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """The beginning of a text as a complaint in Python's words has it."""
    return repr(text)[1:13]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_is_only_text(sheet: Sheet, payload: str) -> None:
    """In every field of every widget; it stays where it was typed, and is answered."""
    text = PAYLOADS[payload]
    code, message = CODE.format(text), MESSAGE.format(text, text)
    known = pv.decode(message)
    assert known is not None

    sheet.give_shape("")
    pasted = sheet.paste(code)
    assert pasted == ("The model is read. What goes into it?", code, "")
    _, problem = sheet.give_shape(text)
    assert quoted(text) in problem
    title, problem = sheet.give_shape(SHAPE)
    assert (text in title, problem) == (True, "")
    sheet.open_explorer()
    written = sheet.write_everywhere(text)
    assert written == {name: [text] * count for name, (_, count) in LIVE.items()}
    for name, (_, count) in LIVE.items():
        complaints = list(filter(None, sheet.problems(name)))
        assert bool(complaints) == (count > 1)  # a card answers with feedback
        assert all(quoted(text) in complaint for complaint in complaints)
    sheet.give_shape(SHAPE)
    pasted = sheet.paste(message)
    assert (pasted.box, pasted.quoted) == (message, known.message)
    assert sheet.paste(text) == ("poolviz does not know this text.", text, "")
    assert sheet.has_only_text()


# Half of a character, as in a text that was cut; Python and the network take whole ones only.
HALF = {
    "typed": r"'\ud83d half'",
    "in the name of a layer": r"`${code}model.add(layers.MaxPooling2D(30, name='\\ud83d half'))`",
    "where a long text is cut": "'x' + '🙈'.repeat(600_000)",
}


@pytest.mark.parametrize("kind", HALF)
def test_half_a_character_is_answered(sheet: Sheet, kind: str) -> None:
    """It is still whole in the field."""
    code = "from keras import layers, Sequential\nmodel = Sequential()\n"
    sheet.give_shape(SHAPE)
    is_kept, title = sheet.ask(
        f"""{{
          const [cell, code] = given;
          const [view] = fields.views(cell);
          const box = view.querySelector('.pv-paste');
          const text = {HALF[kind]};
          await fields.write(box, text);
          return [box.value === text, view.querySelector('.pv-title').textContent];
        }}""",
        number_of("decoder"),
        code,
    )

    assert is_kept
    is_code = kind == "in the name of a layer"
    assert title.startswith("1 layer on 28" if is_code else "poolviz does not know this text.")
    assert sheet.has_only_text()


def test_half_a_character_is_answered_in_every_field(sheet: Sheet) -> None:
    is_kept = sheet.ask(
        r"""{
          const text = '\ud83d half';
          await fields.writeAll(given, text);
          return given.flatMap(fields.of).map(field => field.value === text);
        }""",
        *ALL,
    )

    assert is_kept == [True] * len(is_kept)
    assert "�" in sheet.problems("grid")[0]


@pytest.mark.parametrize("name", EACH)
def test_each_field_says_what_was_typed(sheet: Sheet, name: str) -> None:
    """One by one, with all others as they were: none is forgotten behind another one's problem."""
    problems = sheet.quoted[name]

    assert len(problems) == LIVE[name][1]
    assert [ONE_WORD in problem for problem in problems] == [True] * len(problems), problems


# --- what Python says ----------------------------------------------------------------------------


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_of_layers_are_only_text(sheet: Sheet, payload: str) -> None:
    """In the table, and above the editor of the layer that is chosen there."""
    text = PAYLOADS[payload]
    row, label = sheet.ask(
        """{
          const [view] = fields.views(given[0]);
          const row = () => view.querySelectorAll('th button')[given[1]];
          await fields.click(view, row());
          return [row(), view.querySelector('textarea').labels[0]].map(one => one.textContent);
        }""",
        number_of("named"),
        list(PAYLOADS).index(payload),
    )

    assert text in row
    assert text in label
    assert sheet.has_only_text()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_an_error_says_is_only_text(sheet: Sheet, payload: str) -> None:
    problem = sheet.ask(
        """{
          const [view] = fields.views(given[0]);
          const kernel = view.querySelector('.pv-group-window input[type=text]');
          await fields.write(kernel, String(given[1] + 1));
          return fields.problem(kernel);
        }""",
        number_of("fault"),
        list(PAYLOADS).index(payload),
    )

    assert problem == f"This is a fault of poolviz: RuntimeError: {PAYLOADS[payload]}"
    assert sheet.has_only_text()


@pytest.mark.parametrize("name", ["hostile", "named", "fault"])
def test_what_opens_with_hostile_text_has_no_other_elements(sheet: Sheet, name: str) -> None:
    """Names and errors from Python; diagnoses, networks and feedback as HTML."""
    found = set(sheet.ask("fields.inside(given[0])", number_of(name)))
    harmless = sheet.ask("fields.inside(given[0])", number_of("harmless"))

    assert found
    assert found - {*harmless, *sheet.allowed} == set()


# --- the watch -----------------------------------------------------------------------------------


def test_what_is_allowed_can_do_nothing(sheet: Sheet) -> None:
    """Or the harmless text would have allowed what a hostile one makes."""
    tags = {kind.partition(" ")[0] for kind in sheet.allowed}
    attributes = {kind.partition(" ")[2] for kind in sheet.allowed}

    assert {"TEXTAREA", "INPUT", "img.pv-picture"} <= tags
    assert [tag for tag in tags if tag.startswith("img.") and tag != "img.pv-picture"] == []
    assert not {"SCRIPT", "script", "IFRAME", "STYLE", "FORM", "A", "animate"} & tags
    assert not {"href", "srcdoc", "action"} & attributes
    assert [name for name in attributes if name.startswith("on")] == []


@pytest.mark.parametrize("payload", ["image", "svg", "quotes"])
def test_the_watch_would_notice(sheet: Sheet, payload: str) -> None:
    """A problem line that were HTML, for a moment."""
    sheet.ask(
        """{
          const line = fields.views(given[0])[0].querySelector('.pv-problem');
          line.innerHTML = given[1];
          await new Promise(done => setTimeout(done));
          line.textContent = '';
        }""",
        number_of("grid"),
        PAYLOADS[payload],
    )
    sheet.page.wait_for_function("() => window.hit === 1")
    with pytest.raises(AssertionError):
        sheet.has_only_text()

    sheet.page.evaluate("() => delete window.hit")
    sheet.errors.clear()
    with pytest.raises(AssertionError, match=r"onerror|onload"):
        sheet.has_only_text()
    assert sheet.has_only_text()  # what was seen is told once
