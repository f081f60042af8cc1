"""An explained error as lines of text."""

from __future__ import annotations

import os
import re
import sys

from poolviz.diagnosis.network.stack import Stack
from poolviz.failures.find_failure import find_failure
from poolviz.failures.found import FoundFailure
from poolviz.i18n.sanitize import in_lines

_BOLD, _RED, _PLAIN = "\033[1m", "\033[31m", "\033[0m"


def words_of(found: FoundFailure, place: str = "", *, has_colours: bool = False) -> str:
    """Say what fails, where it was made, and what helps; control characters are taken out."""
    said = str(found.answer.diagnosis if isinstance(found.answer, Stack) else found.answer)
    if isinstance(found.answer, Stack):
        said = f"{said}\n{found.answer.table()}"
    head, _, rest = in_lines(said).partition("\n")
    if has_colours:
        head = f"{_BOLD}{head}{_PLAIN}"
        rest = re.sub(r"(?m)^.*✗.*$", rf"{_RED}\g<0>{_PLAIN}", rest)
    lines = [f"poolviz: {head}", in_lines(found.sentence(place)), rest]
    return "\n".join(line for line in lines if line)


def print_explained(error: BaseException) -> None:
    """Print the explanation of an error about shapes to the standard error; else nothing."""
    found = find_failure(error)
    if found is not None:
        has_colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        print(words_of(found, has_colours=has_colours), file=sys.stderr)
