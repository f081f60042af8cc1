"""Hostile text in every text field of every live widget, and in what Python says: it is only text.

All is done to a harmless text first: what is then on the page is all that may ever be there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import poolviz as pv
from poolviz.i18n.catalogue import say
from tests.browser.conftest import Lab
from tests.browser.support.explorers import run_widgets
from tests.browser.support.fields import CODE, MESSAGE, SHAPE, Pasted, Sheet
from tests.support.hostile import PAYLOADS
from tests.support.sampling import sampled

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SHARES_LAB = True

HARMLESS = "plain words"
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
    "choice": ("pv.ExerciseCard('who-raises')", 0),
    # Shape, the network that is opened, and its layer: input, kernel and dilation of all axes.
    "decoder": ("pv.ErrorDecoder()", 1 + STACK + 3 + VALUES),
}
# Names from Python: a network whose layers have them all, and a fault that says one of them.
NAMED = """from tests.support.hostile import PAYLOADS
layers = [pv.Named(name, pv.Pool(1)) for name in PAYLOADS.values()]
pv.StackExplorer(pv.Stack([*layers, ("last", pv.Pool(1))], (5, 5, 1), framework="keras"))"""
FAULT = """def fail(change):
    raise RuntimeError([*PAYLOADS.values()][change["new"].layer.kernel_size[0] - 1])
faulty = pv.PoolExplorer(99, 99)
faulty.observe_internal(fail, "spec")
faulty"""
# What is shown without a widget, of a harmless text and of all others.
STILL = """from tests.package.test_hostile import MAKERS
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
VIEWS = 14  # in all cells: a stack, a map and a comparison have two
SOME = 5  # fields of a cell that are tried one by one on a day
EACH = ("grid", "volume", "stack")  # the explorers of the others are of the same kind
ONE_WORD = "<img/src=x/onerror=window.hit=1>"


@pytest.fixture(scope="module")
def sheet(page: Page, lab: Lab) -> Sheet:
    run_widgets(page, lab, "hostile_text.ipynb", CELLS)
    page.wait_for_function(
        "count => document.querySelectorAll('.poolviz .pv-stage[data-seq]').length === count",
        arg=VIEWS,
    )
    opened = Sheet(page, [*CELLS], [*LIVE], page.problems)  # type: ignore[attr-defined]
    for label, wanted in (("per_axis", True), ("default_stride", False), ("sides_differ", True)):
        given = (opened.numbers([*LIVE]), say(f"browser.control.{label}"), wanted)
        opened.ask("fields.tick(...given)", *given)
    return opened


@pytest.fixture(scope="module")
def told(sheet: Sheet) -> dict[str, list[str]]:
    """Answer to one word in some fields of a cell, before there is any other text."""
    places = [sampled(range(LIVE[name][1]), SOME) for name in EACH]
    found = sheet.ask("fields.writeEach(...given)", sheet.numbers(EACH), places, ONE_WORD)
    return dict(zip(EACH, found, strict=True))


@pytest.fixture(scope="module")
def watched(sheet: Sheet, told: dict[str, list[str]]) -> Sheet:
    """The sheet that knows what may be there."""
    sheet.allow(HARMLESS)
    sheet.ask("fields.watch(given)", *sheet.numbers(["named", "fault"]))
    return sheet


# --- what is typed -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EACH)
def test_a_field_says_what_was_typed(told: dict[str, list[str]], name: str) -> None:
    """One by one, with all others as they were: none is forgotten behind another one's problem."""
    assert len(told[name]) >= SOME
    assert [problem for problem in told[name] if ONE_WORD not in problem] == []


@pytest.mark.parametrize("payload", sampled([*PAYLOADS], 3))
def test_hostile_text_is_only_text(watched: Sheet, payload: str) -> None:
    """In every field of every widget; it stays where it was typed, and is answered."""
    text = PAYLOADS[payload]
    code, message = CODE.format(text), MESSAGE.format(text)
    known = pv.decode(message)
    assert known is not None
    answers = watched.do_all(text)

    assert watched.has_only_text()
    assert answers.written == {name: [text] * count for name, (_, count) in LIVE.items()}
    assert answers.code == Pasted("The model was read. What is its input shape?", code, "")
    assert text in answers.network
    assert (answers.message.box, answers.message.quoted) == (message, known.message)
    assert answers.text == Pasted("poolviz does not recognise this text.", text, "")
    quoted = repr(text)[1:13]  # the beginning of an error message of Python
    assert quoted in answers.refused
    for name, (_, count) in LIVE.items():
        assert bool(answers.complaints[name]) == (count > 1)  # a card answers with feedback
        assert all(quoted in complaint for complaint in answers.complaints[name])


# Half of a character, as in a text that was cut; Python and the network take whole ones only.
HALF = {
    "typed": r"'\ud83d half'",
    "in the name of a layer": r"`${given[0]}(layers.MaxPooling2D(2, name='\\ud83d half'))`",
    "where a long text is cut": "'x' + '🙈'.repeat(600_000)",
}


@pytest.mark.parametrize("kind", HALF)
def test_half_a_character_is_answered(watched: Sheet, kind: str) -> None:
    """It is still whole in the field."""
    watched.give_shape(SHAPE)
    is_kept, title = watched.ask_cell(
        "decoder",
        f"""
        const box = view.querySelector('.pv-paste');
        const text = {HALF[kind]};
        await fields.write(box, text);
        return [box.value === text, ['.pv-title', '.pv-verdict']
          .map((part) => view.querySelector(part).textContent).find(Boolean)];
        """,
        "from keras import layers, Sequential\nmodel = Sequential()\nmodel.add",
    )

    assert is_kept
    is_code = kind == "in the name of a layer"
    assert title.startswith("1 layer on 28" if is_code else "poolviz does not recognise this text.")
    assert watched.has_only_text()


def test_half_a_character_is_answered_in_every_field(watched: Sheet) -> None:
    is_kept = watched.ask(
        r"""{
          const text = '\ud83d half';
          await fields.writeAll(given, text);
          return given.flatMap(fields.of).map(field => field.value === text);
        }""",
        *watched.numbers([*LIVE]),
    )

    assert is_kept == [True] * len(is_kept)
    assert "�" in watched.complaints("grid")[0]
    assert watched.has_only_text()


# --- what Python says ----------------------------------------------------------------------------


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_of_layers_are_only_text(watched: Sheet, payload: str) -> None:
    """In the table, and above the editor of the layer that is chosen there."""
    row, label = watched.ask_cell(
        "named",
        """
        const row = () => view.querySelectorAll('th button')[given[0]];
        await fields.click(view, row());
        return [row(), view.querySelector('textarea').labels[0]].map((one) => one.textContent);
        """,
        list(PAYLOADS).index(payload),
    )

    assert PAYLOADS[payload] in row
    assert PAYLOADS[payload] in label
    assert watched.has_only_text()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_an_error_says_is_only_text(watched: Sheet, payload: str) -> None:
    problem = watched.ask_cell(
        "fault",
        """
        const kernel = view.querySelector('input[aria-label="kernel, any number"]');
        await fields.write(kernel, String(given[0] + 1));
        return fields.problem(kernel);
        """,
        list(PAYLOADS).index(payload),
    )

    assert problem == f"This is a bug in poolviz: RuntimeError: {PAYLOADS[payload]}"
    assert watched.has_only_text()


@pytest.mark.parametrize("name", ["hostile", "named", "fault"])
def test_what_opens_with_hostile_text_has_no_other_elements(watched: Sheet, name: str) -> None:
    """Names and errors from Python; diagnoses, networks and feedback as HTML."""
    found, harmless = (
        set(watched.ask_cell(each, "return fields.inside(cell);")) for each in (name, "harmless")
    )

    assert found
    assert found - harmless - watched.allowed == set()


# --- the watch -----------------------------------------------------------------------------------


def test_what_is_allowed_can_do_nothing(watched: Sheet) -> None:
    """Or the harmless text would have allowed what a hostile one makes."""
    tags = {kind.partition(" ")[0] for kind in watched.allowed}
    attributes = {kind.partition(" ")[2] for kind in watched.allowed}

    assert {"TEXTAREA", "INPUT", "img.pv-picture"} <= tags
    assert [tag for tag in tags if tag.startswith("img.") and tag != "img.pv-picture"] == []
    assert not {"SCRIPT", "script", "IFRAME", "STYLE", "FORM", "A", "animate"} & tags
    assert not {"href", "srcdoc", "action"} & attributes
    assert [name for name in attributes if name.startswith("on")] == []


@pytest.mark.parametrize("name", ["grid", "named"])
@pytest.mark.parametrize("payload", ["image", "svg", "quotes"])
def test_the_watch_would_notice(watched: Sheet, name: str, payload: str) -> None:
    """A problem line that were HTML, for a moment."""
    watched.ask_cell(
        name,
        """
        const line = view.querySelector('.pv-problem');
        line.innerHTML = given[0];
        await new Promise((done) => setTimeout(done));
        line.textContent = '';
        """,
        PAYLOADS[payload],
    )
    watched.page.wait_for_function("() => window.hit === 1")
    with pytest.raises(AssertionError):
        watched.has_only_text()

    assert any(" on" in kind for kind in watched.strange())
    assert watched.strange() == set()  # each finding is reported once
    watched.page.evaluate("() => delete window.hit")
    watched.errors.clear()
