"""Models of libraries, written out as a short source that is read like any other.

Those of torchvision 0.29.1 and Keras 3.15.1 with their layers; those of timm 1.0.31 and
segmentation-models-pytorch 0.6.0 as one step each (`poolviz.recorded`), with the shapes that
`tools/record/networks/backbones.py` recorded. It also records what tests compare them with.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple


class Home(NamedTuple):
    """Where models are imported from, and the file that writes them out."""

    prefix: str
    file: str


HOMES = (
    Home("torchvision.models.", "torchvision_models.txt"),
    Home("keras.applications.", "keras_models.txt"),
    Home("timm.", "timm_models.txt"),
    Home("segmentation_models_pytorch.", "smp_models.txt"),
)


def home_of(path: str) -> Home | None:
    """Return the file of a model, by its full name; None for an unknown one.

    >>> home_of("torchvision.models.resnet18").file, home_of("torchvision.models.vit_b_16")
    ('torchvision_models.txt', None)
    """
    found = next((home for home in HOMES if path.startswith(home.prefix)), None)
    known = found is not None and path.rpartition(".")[2] in _names(found.file)
    return found if known else None


@lru_cache(maxsize=4)
def _text(file: str) -> str:
    return files(__package__).joinpath(file).read_text(encoding="utf-8")


@lru_cache(maxsize=4)
def _names(file: str) -> frozenset[str]:
    tree = ast.parse(_text(file))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def statements(home: Home, line: int) -> list[ast.stmt]:
    """Return the statements of a file, all on the line on which the model is made."""
    tree = ast.parse(_text(home.file))
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            node.lineno = line
    return tree.body
