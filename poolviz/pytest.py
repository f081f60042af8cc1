"""`pytest -p poolviz.pytest`: the report of a failing test says which layer fails, and why."""

from __future__ import annotations

from typing import Any

from poolviz.failures.find_failure import find_failure
from poolviz.hooks.words import words_of


def pytest_exception_interact(node: object, call: Any, report: Any) -> None:
    """Add a section to the report of a test that failed by an error about shapes."""
    try:
        found = find_failure(call.excinfo.value)
        if found is not None:
            report.sections.append(("poolviz", words_of(found)))
    except Exception as wrong:
        report.sections.append(("poolviz", f"not explained: {type(wrong).__name__}: {wrong}"))
