"""Scripts and styles hold no words: they say keys of the catalogue, and every key is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import poolviz as pv
from poolviz.i18n.catalogue import texts
from poolviz.widgets.base.language import browser_texts
from tests.i18n.test_texts import calls_of_say
from tests.support.scripts import FIELD, Literal, literals

PACKAGE = Path(pv.__file__).parent
SCRIPTS = sorted(PACKAGE.rglob("*.js"))
STYLES = sorted(PACKAGE.rglob("*.css"))
KEYS = set(browser_texts("en")) - {"language"}

# --- no words in the scripts ---------------------------------------------------------------------

# What is called the same everywhere.
NAMES = {
    "PyTorch",
    "TensorFlow",
    "Keras",
    "JAX",
    "onnxruntime",
    "True",
    "False",
    "1-D",
    "2-D",
    "3-D",
}
PROSE = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")
# What is before a literal that a user will see or hear.
SHOWN = re.compile(
    r"(textContent|ariaLabel|placeholder|title|alt)\s*[:=]\s*$"
    r"|setAttribute\(\"(aria-label|placeholder|title|alt)\",\s*$"
    r"|(\b(tick|choice|textForm|button|tell|speak|append)|\.say)\($"
    r"|perAxis\(\"\w+\",\s*$"
    r"|make\(\"\w+\", \{[^}]*\}, $"
)
OPTION = re.compile(r"(?<! of )\[\"\w*\", $")  # the second one of a pair
# A tag of which nothing is read out.
SILENT_TAG = re.compile(r"<(?![^<>]*\b(?:alt|title|aria-label)=)/?[a-z][^<>]*>")
SELECTED = re.compile(r"(querySelector(All)?|closest|matches|matchMedia)\($")


def is_word_of(one: Literal) -> bool:
    """Return whether this is a word or a sentence for the user."""
    plain = SILENT_TAG.sub("", one.text)
    text = " ".join(part for part in plain.split() if not part.startswith(("pv-", "poolviz")))
    if SELECTED.search(one.before) or re.search(r"[#;(){}]", text):
        return False
    is_option = OPTION.search(one.before) and one.after.startswith("]")
    if is_option or SHOWN.search(one.before):
        is_code = "_" in text or text.startswith('"') or text in NAMES
        return bool(re.search("[A-Za-z]", text.replace(FIELD, ""))) and not is_code
    return bool(PROSE.search(text))


def words_in(source: str) -> list[str]:
    return [one.text for one in literals(source) if is_word_of(one)]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_have_no_words(path: Path) -> None:
    assert words_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_have_no_words(path: Path) -> None:
    shown = re.findall(r"content:\s*\"([^\"]*)\"", path.read_text(encoding="utf-8"))

    assert [text for text in shown if re.search("[A-Za-z]", text)] == []


@pytest.mark.parametrize(
    "script",
    [
        'html = `<img alt="the input" src="${source}">`;',
        "html = `<p>the input ${size}</p>`;",
        'make("button", { textContent: "copy" });',
        "make('p', { textContent: 'Any one of these gives valid shapes:' });",
        'root.setAttribute("aria-label", "windows");',
        "problem.tell(`Python does not answer ${twice}`);",
        'const KEYS = [["Home", "the first window"]];',
        'tick("sides differ", read);',
        'perAxis("stride", "stride", list);',
        'options = [["max", "largest"]];',
        "const text = `${count} windows read it`;",
        "const nested = `${count === 1 ? `one window` : rest}`;",
        'word.textContent = isWalking ? say("pause") : "now walk";',
    ],
)
def test_words_in_a_script_are_noticed(script: str) -> None:
    assert len(words_in(script)) == 1


@pytest.mark.parametrize(
    "script",
    [
        "// a comment with words\n/* and another one */",
        'make("div", { className: "poolviz pv-card" });',
        "root.querySelectorAll('th button');",
        'choice("count_include_pad", options);',
        "const wide = /a pattern with words/.test(text);",
        'style.gridTemplateColumns = "repeat(3, 1fr)";',
        'say("player.walk");',
    ],
)
def test_code_of_a_script_is_no_words(script: str) -> None:
    assert words_in(script) == []


# --- every key that a script says is there, and every one is said --------------------------------


def said_in_scripts() -> Iterator[str]:
    """Return the keys in `say(…)`, as patterns; also where it chooses between two keys."""
    for path in SCRIPTS:
        for one in literals(path.read_text(encoding="utf-8")):
            if re.search(r"\bsay\((\w+ \? (\"[^\"]*\" : )?)?$", one.before):
                yield re.escape(one.text).replace(re.escape(FIELD), r"[\w.]+")


def test_every_key_that_a_script_says_is_there() -> None:
    said = set(said_in_scripts())

    assert len(said) > 80
    assert [
        key for key in said if not any(re.fullmatch(key, known) for known in KEYS | {"language"})
    ] == []


def test_every_text_of_the_browser_is_said() -> None:
    said = set(said_in_scripts())

    assert sorted(key for key in KEYS if not any(re.fullmatch(one, key) for one in said)) == []


@pytest.mark.long
def test_every_text_of_pictures_and_controls_is_said() -> None:
    """By its whole key, or by a key that is put together from a name."""
    said = {key for key, _ in calls_of_say() if isinstance(key, str)}
    mine = ("picture.", "overlay.", "chart.", "compared.", "diagram.", "control.")
    chosen = re.compile(
        r"overlay\.(name|caption|nothing|unread|gradient)\.|overlay\.reads\.(one|other)|chart\.amounts\.|compared\.|diagram\.problem\."
        r"|control\.(below|preset)\."
    )
    rest = {key for key in texts("en") if key.startswith(mine)} - said

    assert sorted(key for key in rest if not chosen.match(key)) == []
