"""Shared by all tests: widgets are closed after each one."""

import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from poolviz.reading.source.interpreter import statements

statements.SURVIVES_ITSELF = False  # a fault of the interpreter fails the test
collect_ignore = ["consumer"]  # for mypy, see tests/project/test_packaging.py; some of it is wrong


@pytest.fixture(autouse=True)
def _close_widgets() -> Iterator[None]:
    """ipywidgets keeps every widget that was not closed, with its picture."""
    yield
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].Widget.close_all()


@pytest.fixture
def torch_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors are looked at only where their framework was imported."""
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())  # type: ignore[arg-type]
