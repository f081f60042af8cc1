"""The prose of the notebooks: its sentences, its numbers, and where the numbers come from.

A number in the markdown must occur in a code cell beside it, in the source or in the
outputs. Title and summary may take it from any cell. Every other number is listed in
`prose_numbers.toml`, in a phrase: with an expression that gives its numbers, or with a reason.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
NAMES = sorted(path.name for path in FOLDER.glob("*.ipynb"))
LISTED: dict[str, dict[str, dict[str, str]]] = tomllib.loads(
    (Path(__file__).parent / "prose_numbers.toml").read_text(encoding="utf-8")
)

Cell = dict[str, Any]

_NUMBER = re.compile(
    r"(?<![\w.,\[(])\d{1,3}(?:,\d{3})+(?!\w)"  # 1,514
    r"|(?<![\w.])\d+(?:\.\d+)+(?!\w)"  # 2.5 and 2.21.0
    r"|(?<![\w.])\d+(?!\w)"
)
_SEED = r"\bseed=\d+"
_UNREAD = re.compile(rf"\]\([^)]*\)|```.*?```|^\*Reading: .*?$|{_SEED}", re.DOTALL | re.MULTILINE)


def cells_of(name: str) -> list[Cell]:
    stored: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return list(stored["cells"])


def source(cell: Cell) -> str:
    return "".join(cell["source"])


def told(cell: Cell) -> str:
    """Return the text of a code cell: its source and its printed output, without seeds."""
    texts = [re.sub(_SEED, "", source(cell))]
    for output in cell["outputs"]:
        data = output.get("data", {})
        texts += map("".join, (output.get("text", ""), data.get("text/plain", "")))
        texts.append(output.get("evalue", ""))
    return "\n".join(texts)


def readable(text: str) -> str:
    """Without the targets of links, blocks of code, seeds, and the line with the minutes."""
    return _UNREAD.sub(lambda found: "]" if found[0].startswith("]") else "", text)


# --- numbers -------------------------------------------------------------------------------------


def numbers(text: str) -> list[str]:
    """The numbers in a text, without signs and thousands: "−4.0 of 1,514" has 4 and 1514."""
    return [_plain(found[0]) for found in _NUMBER.finditer(text)]


def _plain(number: str) -> str:
    return re.sub(r"^(\d+)\.0$", r"\1", number.replace(",", ""))


def beside(cells: list[Cell], place: int) -> str:
    """Return the code cells next to a cell; all of them for the first and the last one."""
    if place in (0, len(cells) - 1):
        return "\n".join(told(cell) for cell in cells if cell["cell_type"] == "code")
    before, after = [*reversed(cells[:place])], cells[place + 1 :]
    return "\n".join(told(cell) for side in (before, after) for cell in _leading_code(side))


def _leading_code(cells: list[Cell]) -> Iterator[Cell]:
    for cell in cells:
        if cell["cell_type"] != "code":
            return
        yield cell


def unfounded(name: str, cells: list[Cell]) -> Iterator[str]:
    """Yield the numbers of the prose that come from nowhere, each with the words around it."""
    listed = LISTED.get(name.removesuffix(".ipynb"), {})
    phrases = [phrase for table in listed.values() for phrase in table]
    for place, cell in enumerate(cells):
        if cell["cell_type"] == "markdown":
            text = readable(source(cell))
            known = set(numbers(beside(cells, place)))
            for number, around in _outside(text, phrases):
                if number not in known:
                    yield f"cell {place}: {number} in “{around}”"


def _outside(text: str, phrases: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the numbers that are in none of the phrases."""
    taken = [
        range(start, start + len(phrase))
        for phrase in phrases
        for start in (found.start() for found in re.finditer(re.escape(phrase), text))
    ]
    for found in _NUMBER.finditer(text):
        if not any(found.start() in span for span in taken):
            around = text[max(0, found.start() - 40) : found.end() + 40].replace("\n", " ")
            yield _plain(found[0]), around


# --- sentences -----------------------------------------------------------------------------------


def sentences(text: str) -> list[str]:
    """The sentences of a cell; headings, list items and cells of a table are separate."""
    lines = [line for line in readable(text).split("\n") if not re.fullmatch(r"[|\s:-]*", line)]
    parts = [part for line in lines for part in re.split(r" \| |^\| | \|$", line)]
    return [s for part in parts for s in re.split(r"(?<=[.?!:])[\"*_)]*\s+", part) if s.strip()]


def words(sentence: str) -> int:
    """Words to read; a piece of code counts once, numbers and signs do not count."""
    plain = re.sub(r"`[^`]*`", "code", sentence)
    return sum(any(sign.isalpha() for sign in token) for token in plain.split())


# --- wording -------------------------------------------------------------------------------------


def _pattern(banned: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{banned})(?![\w-])", re.IGNORECASE)


_PATTERNS = tomllib.loads(
    (Path(__file__).parent / "prose_patterns.toml").read_text(encoding="utf-8")
)
BANNED = {_pattern(banned): instead for banned, instead in _PATTERNS["banned"].items()}
BANNED_IN_SOURCE = {
    _pattern(banned): instead for table in _PATTERNS.values() for banned, instead in table.items()
}
_CODE = re.compile(r"```.*?```|`[^`\n]*`|\{\w+\}|<!--.*?-->|\]\([^)]*\)|https?://\S+", re.DOTALL)


def banned(text: str, patterns: Mapping[re.Pattern[str], str] = BANNED) -> Iterator[str]:
    """The banned wordings in a text, each with its surroundings and what to write instead."""
    text = " ".join(_CODE.sub(" … ", text).split())
    for pattern, instead in patterns.items():
        for found in pattern.finditer(text):
            around = text[max(0, found.start() - 30) : found.end() + 30]
            yield f"“{around}”: write {instead}"


def documents() -> Iterator[Path]:
    """Yield the Markdown files that a user reads; the API reference is made of docstrings."""
    docs = (path for path in sorted((ROOT / "docs").rglob("*.md")) if path.name != "api.md")
    yield from (ROOT / "README.md", ROOT / "CHANGELOG.md", *docs)


# As ruff formats them. To parse all modules would take ten times as long.
_COMMENT = re.compile(r"(?:^|  ) *#[: ]*(.*)$", re.MULTILINE)
_DOCSTRING = re.compile(
    r'^ *(?:async )?(def|class) (\w+)|(?:\A|:(?:  #[^\n]*)?\n) *r?"""(.*?)"""',
    re.MULTILINE | re.DOTALL,
)


def _docstrings(source: str) -> Iterator[tuple[str, str]]:
    """Yield the docstrings of a module, each with the name of its function, "" without one."""
    name = ""
    for found in _DOCSTRING.finditer(source):
        if found[1]:
            name = found[2] if found[1] == "def" else ""
        else:
            yield name, found[3]


def comments_and_docstrings(source: str) -> Iterator[str]:
    """Yield the prose of a Python module: its docstrings, without their code, and its comments."""
    for _, text in _docstrings(source):
        yield re.sub(r">>> .*?(?:\n\s*\n|\Z)", "", text, flags=re.DOTALL)
    yield from (found[1] for found in _COMMENT.finditer(source))


def comments_in_javascript(source: str) -> Iterator[str]:
    """Yield the comments of a JavaScript module, without the tags of JSDoc."""
    for found in re.finditer(r"/\*([\s\S]*?)\*/|(?:^|\s)//\s(.*)$", source, re.MULTILINE):
        text = re.sub(r"^\s*\*", "", found[1] or found[2] or "", flags=re.MULTILINE)
        yield re.sub(r"@\w+.*", "", text)


_QUESTION = re.compile(
    r"(?:What|How|Who(?:ever)?|Where|Which|Why|Is|Are|Does|Do|And|But|So|Until)\b"
)


def questions(source: str) -> Iterator[str]:
    """Yield docstrings of functions that start with neither a verb nor the quantity."""
    for name, text in _docstrings(source):
        if name and not name.startswith("test_") and _QUESTION.match(text):
            yield f"{name}: {text.splitlines()[0]}"
