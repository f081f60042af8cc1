"""How people paste a message: each style changes a text as a terminal, a log or a mail does."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable

Style = Callable[[str], str]
_SIGNS = {ord(sign): ord(sign) + 0xFEE0 for sign in "()[],:"}
_DIGITS = {48 + digit: 0xFF10 + digit for digit in range(10)}


def wrapped(text: str, width: int = 72) -> list[str]:
    """Return the lines of a narrow terminal."""
    lines = [
        textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
        for line in text.split("\n")
    ]
    return [line for group in lines for line in group]


def _each(prefix: str) -> Style:
    return lambda text: "\n".join(prefix + line for line in wrapped(text))


def _box(text: str) -> str:
    lines = [f"│ {line.ljust(76)} │" for line in wrapped(text)]
    return "\n".join(["╭" + "─" * 78 + "╮", *lines, "╰" + "─" * 78 + "╯"])


def _notebook(text: str) -> str:
    lines = [f"\x1b[0;31mRuntimeError\x1b[0m: {line}" for line in text.split("\n")]
    return json.dumps({"output_type": "error", "evalue": text, "traceback": lines}, indent=1)


PREFIXES = (
    "2026-01-02 10:11:12,345 - train - ERROR - ",
    "2026-01-02 10:11:12.345 | ERROR    | __main__:main:42 - ",
    "2026-01-02T10:11:12.3456789Z ",
    "2026-01-02T10:11:12.345678901Z stderr F ",
    "E0102 10:11:12.345678 1234 trainer.cc:42] ",
    "Jan  2 10:11:12 host python[123]: ",
    "12:34:56 ",
    "[rank0]: ",
    "[1,3]<stderr>:",
    "trainer_1  | ",
    "0: ",
    "(RayTrainWorker pid=1234, ip=10.0.0.4) ",
    "> ",
    ">> ",
    "> > ",
    "E   ",
    "E       ",
    "# ",
    "    # ",
    "// ",
    "│ ",
    "\t",
)
STYLES: dict[str, Style] = {
    **{repr(prefix): _each(prefix) for prefix in PREFIXES},
    "box": _box,
    "notebook": _notebook,
    "notebook, lines": lambda text: json.dumps(
        [f"{line}\n" for line in text.split("\n")], indent=1
    ),
    "json": lambda text: json.dumps({"error": text}),
    "repr": lambda text: repr(RuntimeError(text)),
    "bytes": lambda text: repr(text.encode()),
    "ansi": lambda text: "\x1b[1m" + text.replace(" ", "\x1b[0m \x1b[31m") + "\x1b[0m",
    "html": lambda text: text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"),
    "full width": lambda text: text.translate(_SIGNS),
    "full-width digits": lambda text: text.translate(_SIGNS | _DIGITS),
    "no-break blanks": lambda text: text.replace(" ", "\u00a0"),
    "typographic quotes": lambda text: re.sub(r"'([^'\n]{1,80})'", "‘\\1’", text),
    "typeset ×": lambda text: re.sub(r"(?<=\d) ?x ?(?=\d)", "×", text),
    "crlf": lambda text: "\r\n".join(wrapped(text)),
    "bold": lambda text: f"**{text}**",
    "bold sizes": lambda text: re.sub(r"\(([\dx -]{2,40})\)", r"(**\1**)", text),
    "narrow": lambda text: "\n".join(wrapped(text, 40)),
    "a question": lambda text: "Why?\n\n    " + text.replace("\n", "\n    ") + "\n\nThanks!",
}
