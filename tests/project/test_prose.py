"""What the notebooks say: short sentences, and numbers that were computed or recorded."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.arithmetic.framework_names import EDITIONS, editions
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.shapes import effective_kernel_size
from poolviz.drawing.draw import example_values
from poolviz.i18n.catalogue import texts
from tests.support import version_runs
from tests.support.paths import DATA
from tests.support.recordings import COMPACT, NOT_POOLINGS, Row, tag_of
from tools.prose import (
    BANNED_IN_SOURCE,
    LISTED,
    NAMES,
    ROOT,
    Cell,
    banned,
    cells_of,
    comments_and_docstrings,
    comments_in_javascript,
    documents,
    numbers,
    questions,
    readable,
    sentences,
    source,
    unfounded,
)
from tools.prose import words as words_of
from tools.record.layers.conversions import converted, recorded

MOST_WORDS = 24
STRIDE = "02_stride_too_large.ipynb"
EACH = pytest.mark.parametrize("name", NAMES)


# --- what the expressions know -------------------------------------------------------------------


def _fits(run: Row) -> bool:
    """No padding, and on each axis the kernel fits."""
    if run["category"] in NOT_POOLINGS or run["padding"] != "valid" or run["ceil_mode"]:
        return False
    spans = map(effective_kernel_size, run["kernel"], run["dilation"])
    return all(size >= span for size, span in zip(run["input"], spans, strict=True))


def _told(id: str, error: str | None = None) -> dict[str, Any]:
    """Return a recorded run that a notebook describes; it must have this error."""
    path = DATA / "notebook_runs.json"
    (run,) = (run for run in json.loads(path.read_text(encoding="utf-8")) if run["id"] == id)
    assert run["error"] == error
    return dict(run)


def _silent(backend: str) -> dict[str, Any]:
    """Return what became of the model of notebook 05 in Keras 3.14.1 on a backend."""
    (run,) = (
        run
        for run in version_runs.content()["models"]
        if (run["versions"]["keras"], run["backend"]) == ("3.14.1", backend)
    )
    return dict(run)


def _on_pytorch(x: Any, layer: pv.Pool) -> Any:
    """Keras' "same" average on its PyTorch backend: uneven padding repeats the edge."""
    split = [tuple(axis.padding) for axis in pv.trace(layer, x.shape[-layer.ndim :]).axes]
    padded = np.pad(x, [(0, 0)] * (x.ndim - len(split)) + split, mode="edge")
    return pv.pool(padded, pv.Pool(layer.kernel_size, layer.stride, op="avg"))


CONVERTED = {lines.key for lines in converted()}
FITTING = [run for run in COMPACT.shape_rows if _fits(run)]
SAME_AVERAGE = pv.Pool((3, 3), (2, 2), "same", op="avg", framework="keras")
KNOWN = {
    "pv": pv,
    "np": np,
    "editions": lambda name: [str(edition) for edition in EDITIONS[name]],
    "newest": lambda name: [edition.newest for edition in EDITIONS[name]],
    "silent": _silent,
    "FRAMEWORKS": FRAMEWORKS,
    "version": lambda name: FRAMEWORKS[name].version,
    "fitting": FITTING,
    "told": _told,
    "conversions": [row for row in recorded() if row["call"] in CONVERTED],
    "example_values": example_values,
    "on_pytorch": _on_pytorch(np.arange(1.0, 37).reshape(6, 6), SAME_AVERAGE),
}


def test_recorded_calls_with_a_kernel_that_fits_do_not_fail() -> None:
    assert all(run["error"] is None and min(run["output"]) >= 1 for run in FITTING)
    assert {tag_of(run).split(".")[0] for run in FITTING} >= {"torch", "tf221", "k3jax", "onnx"}


def _strides_that_fail(framework: str, padding: Any, ceil_mode: bool) -> set[int]:
    """Cells above the kernel, of each stride that fails where a window fits and stride 1 runs."""
    found = set()
    for n, k in product(range(1, 9), range(1, 5)):
        size = n + (2 * padding if isinstance(padding, int) else 0)
        outcomes = {
            s: pv.trace(pv.Pool((k,), s, padding, 1, ceil_mode, framework=framework), (n,)).outcome
            for s in ((1, 2, 3, 4, 5, 7, 13) if k <= size else ())
        }
        if outcomes.get(1) == "ok":
            found |= {s - k for s, outcome in outcomes.items() if outcome == "raises"}
    return found


@pytest.mark.parametrize("framework", [name for each in pv.FRAMEWORKS for name in editions(each)])
def test_no_stride_makes_a_call_fail_unless_padding_is_a_name(framework: str) -> None:
    """Without padding and with numbers never (notebook 02), with "same" above the kernel."""
    for padding, ceil_mode in ((0, False), (0, True), (1, False)):
        assert _strides_that_fail(framework, padding, ceil_mode) == set()
    with_same = _strides_that_fail(framework, "same", ceil_mode=False)
    rejects = framework == "onnxruntime"  # 1.30 to 1.32

    assert bool(with_same) == rejects
    assert min(with_same, default=1) >= 1


def test_onnxruntime_rejected_strides_where_the_kernel_fits() -> None:
    """The counterexample was recorded, and its neighbour with stride 1 runs."""
    rows = [
        run
        for run in COMPACT.shape_rows
        if tag_of(run) == "onnx.ort-op22" and "non-negative" in str(run["error"])
    ]

    assert rows
    for run in rows:
        assert run["padding"] in ("same", "same_lower")
        layer = pv.Pool(tuple(run["kernel"]), 1, run["padding"], framework="onnxruntime")
        assert pv.trace(layer, tuple(run["input"])).outcome == "ok"


def test_keras_on_pytorch_repeats_the_edge() -> None:
    """The recorded averages with uneven padding; on JAX they are others."""
    rows = [
        run
        for run in COMPACT.value_runs("k3torch.keras-eager")
        if run.row["op"] == "avg"
        and run.row["padding"] == "same"
        and any(len(set(axis.padding)) > 1 for axis in pv.trace(run.layer, run.input_size).axes)
    ]

    assert len(rows) >= 3
    for run in rows:
        x, y = (COMPACT.array(run.row["arrays"][name]) for name in "xy")
        np.testing.assert_allclose(_on_pytorch(x, run.layer), y, rtol=1e-5)
    assert all(run.row["error"] is None for run in rows)


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


# --- numbers -------------------------------------------------------------------------------------


def flat(value: Any) -> Iterator[str]:
    """The numbers of a value as the prose writes them, without signs."""
    if isinstance(value, str):
        yield from numbers(value)
    elif isinstance(value, Iterable):
        for each in value:
            yield from flat(each)
    else:
        yield f"{abs(float(value)):g}"


@EACH
def test_every_number_comes_from_somewhere(name: str) -> None:
    assert list(unfounded(name, cells_of(name))) == []


@pytest.mark.parametrize(
    ("name", "phrase", "expression"),
    [
        (name, phrase, expression)
        for name, tables in LISTED.items()
        for phrase, expression in tables.get("computed", {}).items()
    ],
)
def test_a_listed_number_is_the_computed_one(name: str, phrase: str, expression: str) -> None:
    value = eval(expression, dict(KNOWN))

    assert numbers(phrase) == list(flat(value))


def test_every_listed_phrase_is_said_and_needed() -> None:
    """A phrase that is gone, or whose numbers are now in a cell beside it, leaves the list."""
    for name, tables in LISTED.items():
        cells = cells_of(f"{name}.ipynb")
        text = "\n\n".join(
            readable(source(cell)) for cell in cells if cell["cell_type"] == "markdown"
        )
        for table, phrases in tables.items():
            assert table in ("computed", "named")
            assert [phrase for phrase in phrases if phrase not in text] == []
            assert all(numbers(phrase) for phrase in phrases)


def _said_otherwise(old: str, new: str) -> list[Cell]:
    cells = copy.deepcopy(cells_of(STRIDE))
    for cell in cells:
        if cell["cell_type"] == "markdown":
            cell["source"] = [source(cell).replace(old, new)]
    assert cells != cells_of(STRIDE)
    return cells


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("91 are", "92 are"),  # beside it
        ("64 of 100", "64 of 101"),  # in the list
        ("195 calls", "12,548 calls"),
        ("rounds 3.5 down", "rounds 3.6 down"),
        ("four windows fit", "44 windows fit"),
    ],
)
def test_another_number_is_noticed(old: str, new: str) -> None:
    assert list(unfounded(STRIDE, _said_otherwise(old, new)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("−4 of 1,514, or 2.5", ["4", "1514", "2.5"]),
        ("[?,1,512,64] and (1,28,28)", ["1", "512", "64", "1", "28", "28"]),
        ("TensorFlow 2.21.0, Conv2D, 2D, x1", ["2.21.0"]),
        ("10 × 10 gives 4 / 9.", ["10", "10", "4", "9"]),
    ],
)
def test_numbers_are_found(text: str, found: list[str]) -> None:
    assert numbers(text) == found


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
