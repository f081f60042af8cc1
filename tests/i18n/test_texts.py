"""The catalogue: complete in every language, without unused or missing keys."""

from __future__ import annotations

import ast
import os
import re
import string
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import poolviz as pv
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.exercises import library
from poolviz.i18n.catalogue import language, languages, say, set_language, texts, using_language
from poolviz.i18n.phrase import axis_words, by, count, joined, number
from poolviz.i18n.plurals import CATEGORY_OF, Category

TEMPLATES = {**library.TEMPLATES, **library.UNLISTED}
PACKAGE = Path(pv.__file__).parent
ENGLISH = texts("en")
EACH_LANGUAGE = pytest.mark.parametrize("name", languages())


CATEGORIES = "|".join(get_args(Category))


def plural_of(key: str) -> str | None:
    """Return the part of a key before its plural category; None for other keys."""
    base, _, category = key.rpartition(".")
    return base if category in get_args(Category) and f"{base}.other" in ENGLISH else None


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@EACH_LANGUAGE
def test_translation_is_complete(name: str) -> None:
    """The same keys and placeholders; a plural has the categories of its language."""
    found = texts(name)

    assert {key for key in found if not plural_of(key)} == {
        key for key in ENGLISH if not plural_of(key)
    }
    assert {key for key in found if plural_of(key)} == {
        f"{plural_of(key)}.{category}"
        for key in ENGLISH
        if plural_of(key)
        for category in {CATEGORY_OF[name](amount) for amount in range(1000)}
    }
    for key, text in found.items():
        expected = placeholders(ENGLISH.get(key) or ENGLISH[f"{plural_of(key)}.other"])
        assert placeholders(text) <= expected if plural_of(key) else placeholders(text) == expected
        assert text.strip()


@EACH_LANGUAGE
def test_code_is_not_translated(name: str) -> None:
    for key, text in texts(name).items():
        assert sorted(re.findall(r"`[^`]*`", text)) == sorted(re.findall(r"`[^`]*`", ENGLISH[key]))


def calls_of_say(package: Path = PACKAGE) -> Iterator[tuple[str, set[str]]]:
    """Key and names of fields of every `say("…", …)` and `phrase("…", …)` in the package."""
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_said = isinstance(node, ast.Call) and ast.unparse(node.func) in ("say", "phrase")
            if is_said and all(word.arg for word in node.keywords):
                for key in _keys_of(node.args[0]):
                    yield key, {str(word.arg) for word in node.keywords}


def _keys_of(key: ast.expr) -> Iterator[str]:
    """The key, or both keys of `one if … else other`."""
    if isinstance(key, ast.IfExp):
        yield from _keys_of(key.body)
        yield from _keys_of(key.orelse)
    elif isinstance(key, ast.Constant):
        yield str(key.value)


@pytest.mark.long
def test_every_key_that_is_said_is_there_with_its_fields() -> None:
    wrong = [
        (key, fields)
        for key, fields in calls_of_say()
        if key not in ENGLISH or placeholders(ENGLISH[key]) != fields
    ]

    assert wrong == []


@pytest.mark.long
def test_no_text_is_left_over() -> None:
    """Every key is in the code, or is put together there, as in `f"word.{name}"`.

    `plural` adds the category to a key. The texts of the browser are looked for in its scripts,
    see test_texts_in_scripts.
    """
    used = re.compile(rf"(?:{'|'.join(sorted(_keys_in_the_code()))})(?:\.(?:{CATEGORIES}))?")

    left_over = [key for key in ENGLISH if not used.fullmatch(key)]
    assert [key for key in left_over if not key.startswith(BROWSER)] == []


def _keys_in_the_code() -> set[str]:
    """Patterns of all strings in the package that may be keys."""
    found = set()
    for source in modules("**/*.py").values():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(re.escape(node.value) if re.fullmatch(KEY, node.value) else "")
            elif isinstance(node, ast.JoinedStr):
                parts = [v.value if isinstance(v, ast.Constant) else "\0" for v in node.values]
                text = "".join(map(str, parts))
                if re.match(r"[a-z_]+\.", text) and re.fullmatch(KEY, text.replace("\0", "x")):
                    found.add(re.escape(text).replace("\0", r"[\w-]+"))
    return found - {""}


KEY = r"[a-z_]+(\.[\w-]+)+"
BROWSER = "browser."


# --- the current language ------------------------------------------------------------------------


def test_a_language_is_spoken_for_a_while() -> None:
    with using_language("de"):
        assert language() == "de"
        assert say("word.height") == "Höhe"
        with using_language(None):
            assert language() == "de"
    assert language() == "en"


def test_a_language_is_spoken_from_now_on() -> None:
    set_language("de")
    try:
        heard: list[str] = []
        other = threading.Thread(target=lambda: heard.append(language()))
        other.start()
        other.join()
        assert (language(), heard) == ("de", ["de"])
        assert pv.exercise("size-plain").language == "de"
    finally:
        set_language("en")


@pytest.mark.parametrize("wrong", ["", "fr", "DE", 3, None])
def test_there_is_no_other_language(wrong: str) -> None:
    with pytest.raises(ValueError, match='language must be one of "de", "en", got'):
        set_language(wrong)
    assert language() == "en"


@pytest.mark.parametrize(("name", "code", "heard"), [("de", 0, "Höhe"), ("fr", 1, "got 'fr'")])
def test_the_environment_chooses_the_language(name: str, code: int, heard: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from poolviz.i18n.catalogue import say; print(say('word.height'))"],
        env={**os.environ, "POOLVIZ_LANGUAGE": name, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == code
    assert heard in done.stdout + done.stderr


# --- numbers, nouns, lists -----------------------------------------------------------------------


def test_numbers_nouns_and_lists_speak_the_language() -> None:
    said = [number(-12_000), by((3, 20_000)), count(1, "channel"), count(0, "more_pooling")]
    with using_language("de"):
        heard = [number(-12_000), by((3, 20_000)), count(1, "channel"), count(0, "more_pooling")]

        assert axis_words(("depth", "height", "width")) == "Tiefe, Höhe und Breite"
        assert axis_words(("length",)) == "Länge"
        assert joined(["conv1", "pool1"]) == "conv1 und pool1"

    assert said == ["−12,000", "3 × 20,000", "1 channel", "0 more pooling layers"]
    assert heard == ["−12.000", "3 × 20.000", "1 Kanal", "0 weitere Pooling-Schichten"]


# --- no words in the code ------------------------------------------------------------------------

REASONS = ("not offered", "empty input")
# Modules of the package, and the texts in them that are not translated: identifiers, and errors
# about wrong arguments.
WITHOUT_WORDS: dict[str, tuple[str, ...]] = {
    "i18n/**/*.py": (),
    "arithmetic/**/*.py": (
        *REASONS,
        "the layer has {}: {}; give one entry per axis",
        "{} axes",
        " in {}",
        "{}={} has {}",
        "; no batch and no channels",
        "{} must be an int ≥ {} or one per axis",
        "{} must be an int ≥ {}, or one int or None per axis",
        "{} must be an int ≥ {}",
        "{} must be an int ≥ 0, one per axis{} or (before, after) pairs",
        "{} must be 1 to n in some order, n ≤ {}",
        "{} must be a list of branches, each a list of layers",
        *("a text", "a text or None", "a number with too many digits ({})"),
    ),
    "diagnosis/**/*.py": (
        *REASONS,
        "channel order",
        "fixed head",
        "odd size",
        "data format",
        "root cause",
        "input_shape must have one int ≥ 0 per axis, without the batch",
        *("{} axes", "weight, of the shape ({})", "weight must have the shape {}, ({})"),
    ),
    "exercises/**/*.py": tuple({template.kind for template in TEMPLATES.values()}),
    "drawing/**/*.py": (
        *("read counts", "unread cells", "gradient routing", "receptive field"),
        "default-src 'none'; {}style-src {}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'",
        "script-src {}; ",
        *("lower right", "offset points"),
        *("ends with {}", "has no suffix", "{} could not be written: {}. Nothing was changed"),
    ),
    "widgets/**/*.py": (
        "%s could not show what was asked for",
        "an answer could not be computed ahead",
        "{} are {} settings, but a page holds at most {}: give fewer values",
        "the page would have {} for {}, but a page may have at most {}: give fewer values, "
        "or take a smaller input",
        "{} of {}",
        "%s, which observes %r, raised",
    ),
}
# Of the frameworks, verbatim; and about wrong arguments, which stay in English.
ERROR_TEXTS = {
    *(f"arithmetic/frameworks/{name}.py" for name in FRAMEWORKS),
    "arithmetic/layers/argument_order.py",
    "i18n/keywords.py",
    "widgets/base/known_names.py",
    "exercises/courses.py",  # lists of exercises by their id
}
TWO_WORDS = re.compile(r"(?<![\w.`_/=])[A-Za-z]?[a-z]+[,;:]? [a-z]{2,}(?![\w_=(./])")
BESIDE_A_FIELD = re.compile(r"\x00[,;:]? [a-z]{2,}(?![\w_=(.])|(?<![\w_.])[a-z]{2,}[,;:]? \x00")


def prose_in(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string in a module that looks like English.

    English is two words in a row, or in an f-string a word beside a field. Texts of `raise`,
    docstrings, members of enums and patterns of `re` are left out: no picture shows them.
    """
    tree = ast.parse(source)
    left_out = {id(inner) for node in _left_out(tree) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.JoinedStr):
            left_out |= {id(inner) for inner in ast.walk(node) if isinstance(inner, ast.Constant)}
            parts = [v.value if isinstance(v, ast.Constant) else "\0" for v in node.values]
            text = "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if TWO_WORDS.search(text) or BESIDE_A_FIELD.search(text):
            yield node.lineno, text.replace("\0", "{}")


def _left_out(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_enum = isinstance(node, ast.ClassDef) and "Enum" in "".join(map(ast.unparse, node.bases))
        is_pattern = isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.")
        if isinstance(node, ast.Raise) or is_docstring or is_enum or is_pattern:
            yield node


def modules(place: str) -> dict[str, str]:
    """The modules of a place and their source."""
    found = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.glob(place)}
    return {name: path.read_text("utf-8") for name, path in found.items()}


@pytest.mark.parametrize("place", WITHOUT_WORDS)
def test_words_are_in_the_catalogue_only(place: str) -> None:
    """Each exception to the rule is needed."""
    exempt = WITHOUT_WORDS[place]
    found = [
        (name, line, text)
        for name, source in modules(place).items()
        if name not in ERROR_TEXTS
        for line, text in prose_in(source)
    ]

    assert [one for one in found if one[2] not in exempt] == []
    assert set(exempt) <= {text for _, _, text in found}


@pytest.mark.parametrize(
    "line",
    [
        'text = "no window fits"',
        'text = f"{change} gives {size}"',
        'text = f"The stride {stride}"',
        'TITLES = {"max": "a map"}',
        'say("word.height", what="of the map")',
    ],
)
def test_words_in_the_code_are_noticed(line: str) -> None:
    assert [at for at, _ in prose_in(f"x = 1\n{line}\n")] == [2]


@pytest.mark.parametrize(
    "line",
    [
        'raise ValueError(f"stride must be an int, got {stride}")',
        'def say() -> str:\n    """What is said."""',
        'code = "nn.MaxPool2d(3, stride=2)"',
        'code = f"{name}={value}"',
        'where = re.compile("in a text")',
        'say("finding.overhang", window=3)',
        'class Cause(StrEnum):\n    FIT = "does not fit"',
    ],
)
def test_code_is_no_words(line: str) -> None:
    assert list(prose_in(line)) == []


def test_german_is_another_text() -> None:
    """No text with words in it is the same in both languages, but for lists of what is read."""
    alike = [key for key, text in texts("de").items() if text == ENGLISH[key]]
    plain = {key: re.sub(r"`[^`]*`|\{[^}]*\}|\"[^\"]*\"", "", ENGLISH[key]) for key in alike}

    assert [key for key in alike if re.search(r"[a-z]{3,} [a-z]{2,}", plain[key])] == []
