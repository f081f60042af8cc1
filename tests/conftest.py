"""For all tests: frameworks that are missing, widgets that would be kept for ever."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

# Modules that need a framework are looked at only where it is installed.
_NEEDS = {
    "torch_models.py": "torch",
    "keras_examples.py": "keras",
    "flax_models.py": "flax",
    "ask_layers.py": "keras",
    "ask_networks.py": "keras",
    "record_exercises.py": "keras",
}
collect_ignore = [file for file, framework in _NEEDS.items() if find_spec(framework) is None]
collect_ignore.append("consumer")  # for mypy, see tests/test_packaging.py; some of it is wrong


@pytest.fixture(autouse=True)
def _close_widgets() -> Iterator[None]:
    """ipywidgets keeps every widget that was not closed, with its picture."""
    yield
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].Widget.close_all()
