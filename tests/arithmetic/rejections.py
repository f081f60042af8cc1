"""The error about a wrong argument, and whether it shows the value that was given."""

from __future__ import annotations

from typing import Any

import pytest

import poolviz as pv


def rejection(arguments: dict[str, Any]) -> str:
    """Return the text of the error that `output_size` raises."""
    with pytest.raises((TypeError, ValueError)) as caught:
        pv.output_size(**arguments)
    return str(caught.value)


def shows(text: str, value: Any) -> bool:
    """Return whether a message shows `value`, or one of its entries, as what it got."""
    if repr(value) in text or (isinstance(value, list) and repr(tuple(value)) in text):
        return True
    return any(f"got {entry!r}" in text for entry in _entries(value))


def _entries(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        return [value]
    return [inner for entry in value for inner in _entries(entry)]
