"""A network of stand-ins that fails, its error, and what is found of it."""

from __future__ import annotations

from typing import Any

import pytest

from poolviz.failures.find_failure import find_failure
from poolviz.failures.found import FoundFailure
from tests.failures.stand_ins import call, image, network


def raised(run: Any, *args: Any) -> BaseException:
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        run(*args)
    return caught.value


def forward() -> None:
    model = network()
    call(model, image())


def found() -> FoundFailure:
    answer = find_failure(raised(forward))
    assert answer is not None
    return answer
