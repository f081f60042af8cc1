"""What notebooks, documents and comments say: short sentences, no private words, versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import poolviz as pv
from poolviz.arithmetic.framework_names import EDITIONS
from poolviz.i18n.catalogue import texts
from tools.prose import (
    BANNED_IN_SOURCE,
    NAMES,
    ROOT,
    Cell,
    banned,
    cells_of,
    comments_and_docstrings,
    comments_in_javascript,
    documents,
    questions,
    readable,
    sentences,
    source,
)
from tools.prose import words as words_of

MOST_WORDS = 24
STRIDE = "02_stride_too_large.ipynb"
EACH = pytest.mark.parametrize("name", NAMES)


# --- sentences -----------------------------------------------------------------------------------


def long_sentences(cells: list[Cell]) -> list[str]:
    told = (source(cell) for cell in cells if cell["cell_type"] == "markdown")
    return [each for text in told for each in sentences(text) if words_of(each) > MOST_WORDS]


@EACH
def test_sentences_are_short(name: str) -> None:
    """Under 25 words; code counts as one, a quoted message is no sentence of ours."""
    assert long_sentences(cells_of(name)) == []


def test_a_long_sentence_is_noticed() -> None:
    cells = cells_of(STRIDE)
    cells.append({"cell_type": "markdown", "source": ["Short. " + "word " * 25 + "`a b` 1 2."]})

    assert len(long_sentences(cells)) == 1
    assert sentences("One. Two? *Three.* Four: five.\n\n* item\n| a | b |\n|---|---|") == [
        *("One.", "Two?", "*Three.", "Four:", "five.", "* item", "a", "b")
    ]


# --- pictures and cells --------------------------------------------------------------------------


@EACH
def test_prose_cells_are_short(name: str) -> None:
    """One idea a cell; title, lists and the last cell are longer."""
    cells = cells_of(name)
    told = [source(cell) for cell in cells[1:-1] if cell["cell_type"] == "markdown"]
    long = {text[:40]: words_of(text) for text in told if words_of(text) > MOST_WORDS_OF_A_CELL}

    assert long == {}


MOST_WORDS_OF_A_CELL = 110


# --- wording -------------------------------------------------------------------------------------


def _found_in(texts_by_name: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{name}: {each}" for name, text in texts_by_name for each in banned(text)]


def test_the_catalogue_has_no_banned_wording() -> None:
    """The vocabulary that a typed answer may use is not prose."""
    prose = ((key, text) for key, text in texts("en").items() if not _is_vocabulary(key))

    assert _found_in(prose) == []


def _is_vocabulary(key: str) -> bool:
    return key.startswith(("answer.", "synonym."))


@EACH
def test_notebooks_have_no_banned_wording(name: str) -> None:
    cells = [source(cell) for cell in cells_of(name) if cell["cell_type"] == "markdown"]

    assert _found_in((f"cell {place}", text) for place, text in enumerate(cells)) == []


@pytest.mark.parametrize("path", list(documents()), ids=lambda path: path.name)
def test_documents_have_no_banned_wording(path: Path) -> None:
    assert _found_in([(path.name, path.read_text(encoding="utf-8"))]) == []


FOLDERS = pytest.mark.parametrize("folder", ["poolviz", "tools", "tests"])
NOT_PROSE = ("code_samples",)  # source texts as people paste them


def _modules(folder: str, suffix: str) -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
        if not set(NOT_PROSE) & set(path.parts):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def _found_in_source(texts_by_name: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"{name}: {each}" for name, text in texts_by_name for each in banned(text, BANNED_IN_SOURCE)
    ]


@pytest.mark.long
@FOLDERS
def test_modules_have_no_banned_wording(folder: str) -> None:
    prose = (
        (name, text)
        for name, source in _modules(folder, ".py")
        for text in comments_and_docstrings(source)
    )

    assert _found_in_source(prose) == []


@pytest.mark.long
@FOLDERS
def test_docstrings_start_with_a_verb_or_the_quantity(folder: str) -> None:
    found = [
        f"{name}: {each}" for name, source in _modules(folder, ".py") for each in questions(source)
    ]

    assert found == []


def test_scripts_have_no_banned_wording() -> None:
    scripts = list(_modules("poolviz", ".js"))

    assert len(scripts) > 10
    assert (
        _found_in_source(
            (name, text) for name, source in scripts for text in comments_in_javascript(source)
        )
        == []
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The layer is the victim.", 1),
        ("JAX returns an empty array\nand says nothing.", 1),
        ("none, for the call raises", 1),
        ("So large a map comes from inputs of 9 on.", 1),
        ("`guilty` and [a link](guilty.md) are code", 0),
        ("PyTorch allows at most 2 for the kernel.", 0),
    ],
)
def test_banned_wording_is_noticed(text: str, found: int) -> None:
    assert len(list(banned(text))) == found


def test_prose_of_a_module_is_found() -> None:
    module = (
        'def f() -> None:\n    """Docs.\n\n    >>> f()\n    """  # why\n    x = "# no comment"\n'
    )

    assert [text.strip() for text in comments_and_docstrings(module) if text] == ["Docs.", "why"]


def test_comments_of_a_script_are_found() -> None:
    script = 'const a = "https://b"; // one\n/**\n * Two.\n * @param {string} c\n */\n'

    assert [text.strip() for text in comments_in_javascript(script)] == ["one", "Two."]


@pytest.mark.parametrize(
    ("docstring", "found"),
    [("What it gives.", 1), ("Is it large?", 1), ("Return it.", 0), ("Number of cells.", 0)],
)
def test_a_docstring_that_is_a_question_is_noticed(docstring: str, found: int) -> None:
    assert len(list(questions(f'def f() -> int:\n    """{docstring}"""\n'))) == found


def test_private_words_are_banned_in_source_only() -> None:
    text = "The exercise asks for a number."

    assert (len(list(banned(text))), len(list(banned(text, BANNED_IN_SOURCE)))) == (0, 1)


# --- versions ------------------------------------------------------------------------------------

# "Keras raises an error" is true of 3.15 and 2.15; 3.0 to 3.14 build an empty map.
WITHOUT_VERSION = re.compile(
    r"\bKeras,? (?:raises?|meldet|melden)\b"
    r"|\brais(?:e|es) an error in (?:\w+, )*(?:\w+ and )?Keras\b(?! \d)"
)


def _prose_of_all() -> Iterator[tuple[str, str]]:
    for name in NAMES:
        for cell in cells_of(name):
            if cell["cell_type"] == "markdown":
                yield name, readable(source(cell))
    for path in documents():
        yield path.name, path.read_text(encoding="utf-8")
    for language in ("en", "de"):
        yield from texts(language).items()


def test_no_text_says_that_keras_raises_without_its_version() -> None:
    found = [
        f"{name}: {match[0]}"
        for name, text in _prose_of_all()
        if name not in ("api.md", "CONTRIBUTING.md")  # what code printed
        for match in WITHOUT_VERSION.finditer(text)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("PyTorch and Keras raise an error.", True),
        ("It raises an error in PyTorch, TensorFlow and Keras.", True),
        ("Keras raises ValueError", True),
        ("Keras meldet einen Fehler", True),
        ("It raises an error in PyTorch, TensorFlow and Keras 3.15.", False),
        ("Keras 3.15 raises an error; Keras 3.0 to 3.14 do not.", False),
    ],
)
def test_a_missing_version_is_noticed(text: str, is_found: bool) -> None:
    assert bool(WITHOUT_VERSION.search(text)) == is_found


def test_the_versions_in_a_question_are_the_newest() -> None:
    for language in ("en", "de"):
        asked = texts(language)["exercise.who-raises.question"]
        for name in pv.FRAMEWORKS:
            if name != "mlx":
                newest = EDITIONS[name][0].newest
                assert f"{pv.FRAMEWORKS[name].title} {newest}" in asked
