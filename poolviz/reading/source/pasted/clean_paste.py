"""Code as people paste it: prompts, Markdown fences, magics, indentation. Line numbers stay."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator

from poolviz.diagnosis.network.source import NoModel, NotRead
from poolviz.i18n.phrase import Phrase, phrase
from poolviz.reading.source.pasted.printed_module import written_out

MOST_SIGNS = 1_000_000
MOST_PARAGRAPHS = 60  # of prose
MOST_MAGICS = 40  # lines that are replaced one by one

_FENCE = re.compile(r"\s*(```|~~~)")  # of Markdown
_PROMPT = re.compile(r"\s*(?:>>>|\.\.\.)(?: |$)")  # >>> and ... of Python
_CELL = re.compile(r"\s*(?:In ?\[[\d ]*\]:|\.{3,}:) ?")  # In [3]: and ...: of IPython
_OUTPUT = re.compile(r"\s*Out ?\[[\d ]*\]:")  # Out[3]:
# %matplotlib inline, !pip install, ?help; not `!= 2`, which goes on from the line before
_MAGIC = re.compile(r"(\s*)[%!?](?!=)")
_DEFINITION = re.compile(
    r"(?:class|def) +\w+ *[(:]|from +[\w.]+ +import |import +[\w.]+(?: as \w+)?$"
)
# How a line of code begins: indented, a decorator, a comment, a keyword, an assignment, a call.
_CODE = re.compile(
    r"\s|@|#|(import|from|def|class|for|if|with|return|while|try) |\w[\w.]*(, ?\w[\w.]*)* ?[+*-]?=|"
    r"[\w.]+\("
)
MOST_HEADING = 300  # signs of a line that begins with words
# Words before an assignment or a call on the same line: "Example 1: model = keras.Sequential(["
_GLUED = re.compile(
    r"[A-Za-z\d][^=()\"']*?[\s:.)-]\s*(?=(?:\w+ *= *)?(?:\w+\.)*[A-Za-z]\w*\(|(?:import|from) +\w)"
)
_OLD_PRINT = re.compile(r"(\s*)print\s+[^\s(=,.\[)].*")  # print "loss", of Python 2


def parsed(text: str) -> tuple[ast.Module, str]:
    """Return the syntax tree of a text, and the text as it was read.

    >>> tree, read = parsed(">>> import torch")
    >>> read
    'import torch'
    >>> parsed("x = = 1")
    Traceback (most recent call last):
    poolviz.diagnosis.network.source.NoModel: line 1: `x = = 1`: not valid Python: invalid syntax
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, the source of a model, got {type(text).__name__}")
    if len(text) > MOST_SIGNS:
        most = f"{MOST_SIGNS:,} signs"
        raise ValueError(f"text has {len(text):,} signs; poolviz reads at most {most}")
    wrong: NotRead | None = None
    for lines in _attempts(text):
        for way in (_dedented, _without_first_indent):
            code = way(lines)
            try:
                return _tree(code), code
            except SyntaxError as error:
                wrong = _no_python(error, lines) if way is _dedented else wrong
    raise NoModel(Phrase(str, (wrong,)))


def _attempts(text: str) -> Iterator[list[str]]:
    """Yield the lines as they are, then without what surrounds code in notebooks and articles.

    A file may hold fences, prompts and lines that begin with "%" in its texts. So they are only
    removed from a text that is not valid Python with them.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.replace("\u00a0", " ").split("\n")
    printed = written_out([_plain(line) for line in _after_prompts(lines)])
    if printed is not None:  # `(pool): MaxPool2d(2)` is valid Python, an annotation
        yield printed
    yield lines
    yield _without_magics(lines)
    yield [_plain(line) for line in lines]
    if _is_file(lines):
        yield from _without_prose(lines)
        return
    inside = _inside_fences(lines)
    yield [_plain(line) for line in inside]
    yield [_plain(line) for line in _after_prompts(inside)]
    yield from _without_prose(inside)
    yield _without_headings(inside)


def _without_headings(lines: list[str]) -> list[str]:
    """Return the text without the lines of words before the code, if it is valid then."""
    lines = [_plain(line) for line in lines]
    for place in _wrong_places(lines, MOST_PARAGRAPHS):
        glued = _GLUED.match(lines[place][:MOST_HEADING])
        if glued is None:
            break
        lines[place] = lines[place][glued.end() :]
    return lines


def _wrong_places(lines: list[str], most: int) -> Iterator[int]:
    """Yield the line at which the syntax ends, again after each change of the lines."""
    for _ in range(most):
        try:
            _tree("\n".join(lines))
        except SyntaxError as error:
            yield min((error.lineno or 1) - 1, len(lines) - 1)
        else:
            return


def _without_prose(lines: list[str]) -> Iterator[list[str]]:
    """Yield an article without the paragraphs that hold no code and at which the syntax ends."""
    lines = [_plain(line) for line in lines]
    for place in _wrong_places(lines, MOST_PARAGRAPHS):
        first, last = place, place
        while first and lines[first - 1].strip():
            first -= 1
        while last + 1 < len(lines) and lines[last + 1].strip():
            last += 1
        if not lines[place].strip() or any(map(_CODE.match, lines[first : last + 1])):
            break
        # Empty lines in their place: the others keep their numbers.
        lines[first : last + 1] = [""] * (last + 1 - first)
    if any(line.strip() for line in lines):
        yield lines


def _is_file(lines: list[str]) -> bool:
    """Return whether there is a definition outside of fences and prompts."""
    is_inside = False
    for line in lines:
        is_inside ^= bool(_FENCE.match(line))
        if not is_inside and _DEFINITION.match(line):
            return True
    return False


def _after_prompts(lines: list[str]) -> list[str]:
    """Return what follows the prompts `>>>`, or all lines without any."""
    if not any(map(re.compile(r"\s*>>> ").match, lines)):
        return lines
    return [_PROMPT.sub("", line, 1) if _PROMPT.match(line) else "" for line in lines]


def _without_magics(lines: list[str]) -> list[str]:
    """Replace the lines of a notebook at which the syntax ends, as long as there are any."""
    lines = list(lines)
    for place in _wrong_places(lines, MOST_MAGICS):
        plain = _plain(lines[place])
        if plain == lines[place]:
            break
        lines[place] = plain
    return lines


def _tree(code: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d" in a pasted text is not our concern
        try:
            return ast.parse(code)
        except (RecursionError, MemoryError):
            raise NoModel(phrase("reading.model.nested_too_deep")) from None
        except SyntaxError:
            raise
        except ValueError as wrong:  # null bytes
            raise NoModel(phrase("reading.model.no_python", why=str(wrong))) from None


def _no_python(error: SyntaxError, lines: list[str]) -> NotRead:
    line = error.lineno
    text = lines[line - 1].strip() if line and line <= len(lines) else ""
    return NotRead(line, text, phrase("reading.unread.no_python", why=error.msg))


def _inside_fences(lines: list[str]) -> list[str]:
    """Return the text between Markdown fences, or the whole text without any."""
    if not any(map(_FENCE.match, lines)):
        return lines
    is_inside, found = False, []
    for line in lines:
        is_fence = bool(_FENCE.match(line))
        # An empty line in place of the others, so that line numbers are those of the paste.
        found.append(line if is_inside and not is_fence else "")
        is_inside ^= is_fence
    return found


def _plain(line: str) -> str:
    """Return a line without notebook prompts; one that is not valid Python becomes `pass`."""
    if _OUTPUT.match(line):
        return ""
    line = _CELL.sub("", line, 1)
    for pattern in (_MAGIC, _OLD_PRINT):
        found = pattern.match(line)
        if found:
            return f"{found[1]}pass"
    return line


def _dedented(lines: list[str]) -> str:
    code = "\n".join(lines)
    return code if not code[:1].isspace() else textwrap.dedent(code)


def _without_first_indent(lines: list[str]) -> str:
    """Return a selection that begins in the middle of its first line."""
    filled = [place for place, line in enumerate(lines) if line.strip()]
    if not filled:
        return ""
    first = filled[0]
    rest = textwrap.dedent("\n".join(lines[first + 1 :]))
    return "\n".join([*lines[:first], lines[first].strip(), rest])
