"""How many tensors a model takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def check_single_input(name: str, inputs: Callable[..., Any] | list[str]) -> None:
    """Raises ValueError where more than one input is needed.

    >>> check_single_input("Twin.forward", lambda left, right: 0)
    Traceback (most recent call last):
    ValueError: Twin.forward takes 2 inputs (left, right), and read_model follows one. Give it the \
part that takes a single tensor
    """
    needed = inputs if isinstance(inputs, list) else _needed(inputs)
    if len(needed) > 1:
        raise ValueError(
            f"{name} takes {len(needed)} inputs ({', '.join(needed)}), and read_model follows one. "
            "Give it the part that takes a single tensor"
        )


def _needed(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [
        each.name for each in parameters if each.default is each.empty and each.kind in _POSITIONAL
    ]
