"""`python -m poolviz check net.py --input 3,224,224`: a line for each layer that fails."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from poolviz.diagnosis.network.source import InputShapeNeeded, NoModel, NotRead
from poolviz.diagnosis.network.stack import Stack
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import Phrase
from poolviz.reading.source.read_code import read_code


@dataclass(frozen=True)
class Failing:
    """A layer that fails; or why a file could not be checked to its end, in `what`."""

    file: str
    line: int
    what: str
    why: str = ""
    fix: str = ""
    code: str = ""
    is_checked: bool = True

    def __str__(self) -> str:
        parts = [self.what, self.why, self.fix, self.code]
        return f"{self.file}:{self.line}: {'; '.join(part.rstrip('.') for part in parts if part)}"


def checked(path: Path, input_shape: tuple[int, ...] | None) -> Iterator[Failing]:
    """Yield what fails in the models of a file; the code is not executed.

    Raises OSError if the file cannot be read.
    """
    try:
        stack = read_code(path, input_shape)
    except NoModel as wrong:
        yield _not_checked(path, wrong)
        return
    except InputShapeNeeded as wrong:
        shape = "28,28,1" if wrong.data_format == "channels_last" else "3,224,224"
        what = say("check.needs_input", option=f"--input {shape}")
        yield Failing(str(path), 1, what, is_checked=False)
        return
    stacks = [stack, *_others(path, stack, input_shape)]
    # One input is stated for all models of a file: some take other channels, or noise.
    fitting = [each for each in stacks if input_shape is None or not _fails_at_once(each)]
    seen: set[tuple[int, str]] = set()
    for each in fitting or stacks:
        for one in _failing(path, each):
            # A class and its instance are both read; a class alone lacks its arguments.
            if (one.line, one.why) not in seen and (one.is_checked or each is stack):
                seen.add((one.line, one.why))
                yield one


def _others(path: Path, stack: Stack, input_shape: tuple[int, ...] | None) -> Iterator[Stack]:
    """Yield the further models of a file; those that are parts of others are read with them."""
    source = stack.source
    if source is None or not source.candidates:
        return
    classes = [node for node in ast.walk(ast.parse(source.text)) if isinstance(node, ast.ClassDef)]
    parts = {
        node.id
        for each in classes
        for node in ast.walk(each)
        if isinstance(node, ast.Name) and node.id != each.name
    }
    for name in source.candidates:
        try:
            if name not in parts:
                yield read_code(path, input_shape, name)
        except (NoModel, InputShapeNeeded):
            continue  # a part of the model on an input that nobody states


def _fails_at_once(stack: Stack) -> bool:
    """Return whether the first layer does not take the input."""
    failure = stack.first_failure
    return failure is not None and not any(failure.failure.path)


def _not_checked(path: Path, wrong: NoModel) -> Failing:
    """Return why a file has no model, at the line that is to blame if there is one."""
    parts = wrong.args[0].arguments if wrong.args and isinstance(wrong.args[0], Phrase) else ()
    for unread in parts:
        if isinstance(unread, NotRead) and unread.line:
            return Failing(str(path), unread.line, unread.why, is_checked=False)
    return Failing(str(path), 1, str(wrong), is_checked=False)


def _failing(path: Path, stack: Stack) -> Iterator[Failing]:
    failure = stack.first_failure
    if failure is None:
        if stack.ok is None:
            for unread in stack.not_read[:1]:
                yield Failing(str(path), unread.line or 1, unread.why, is_checked=False)
        return
    line = stack.source.lines.get(failure.failure.path, 1) if stack.source else 1
    why = [str(finding) for finding in stack.diagnosis.findings[:1]]
    fix = [(fix.text, fix.code) for fix in stack.fixes[:1]]
    words, code = fix[0] if fix else ("", "")
    yield Failing(str(path), line, str(failure), "".join(why), words, code)


def exit_code(found: Sequence[Failing]) -> int:
    """Return 1 where a layer fails, else 2 where something could not be checked, else 0."""
    return 1 if any(one.is_checked for one in found) else 2 if found else 0


def as_json(found: Sequence[Failing]) -> str:
    """Write findings as a JSON list of objects."""
    return json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2)
