"""Work counted in calls of functions: the same on every machine, however busy it is.

Seconds are measured in `tools/benchmarks`; a test that compared them would fail on a slow day.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, ParamSpec, TypeVar

Result = TypeVar("Result")
Taken = ParamSpec("Taken")


def counted(
    work: Callable[Taken, Result], *args: Taken.args, **kwargs: Taken.kwargs
) -> tuple[Result, int]:
    """Return the result of `work`, and the number of Python and C functions that it called."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        return work(*args, **kwargs), calls
    finally:
        sys.setprofile(before)
