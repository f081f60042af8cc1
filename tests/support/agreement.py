"""Whether what poolviz says of a model is what its framework did."""

from __future__ import annotations

from typing import Any

import poolviz as pv


def contradiction(stack: pv.Stack, run: dict[str, Any]) -> str | None:
    """Return what the stack says that the run contradicts; None: nothing.

    `run`: the `outputs` (shapes without the batch) or the type of the `error` of a framework. A
    stack that ends early (`ok` is None) makes no statement about the end. A silent failure, such
    as an empty map, does not make the framework raise an error. The type of an error
    `from_backend` is not compared.
    """
    failure = stack.first_failure
    raises = stack.ok is False and failure is not None and not failure.is_silent
    if "error" in run:
        if stack.ok is True:
            return f"runs, but {run['error']} is raised"
        if "from_backend" in run:
            return None
        name = failure.error_name if raises and failure is not None else None
        return f"{name} instead of {run['error']}" if name not in (None, run["error"]) else None
    outputs = [tuple(shape) for shape in run["outputs"]]
    if raises:
        return f"raises, but the outputs are {outputs}"
    if stack.ok is True and list(stack.output_shapes) != outputs:
        return f"gives {list(stack.output_shapes)}, but the outputs are {outputs}"
    return None
