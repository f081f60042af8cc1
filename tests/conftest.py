"""Modules that need a framework are looked at only where it is installed."""

from importlib.util import find_spec

_NEEDS = {
    "torch_models.py": "torch",
    "keras_examples.py": "keras",
    "flax_models.py": "flax",
}
collect_ignore = [file for file, framework in _NEEDS.items() if find_spec(framework) is None]
