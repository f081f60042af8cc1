"""Frames that a framework took out of a traceback are found behind the error that hides them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from poolviz.failures.find_failure import steps_of

FILTER = """
def error_handler(run, *args):
    try:
        return run(*args)
    except Exception as wrong:
        shown = wrong.__traceback__
        while shown.tb_next is not None:
            shown = shown.tb_next
        raise type(wrong)("a sentence: " + str(wrong)).with_traceback(shown) from None
"""


def raised(run: Any) -> Exception:
    try:
        run()
    except Exception as error:
        return error
    pytest.fail("nothing was raised")


def failing(shape: tuple[int, ...]) -> None:
    raise ValueError(f"does not fit: {shape}")


def layer(shape: tuple[int, ...]) -> None:
    halved = tuple(size // 2 for size in shape)
    failing(halved)


def handler_in(module: str) -> Any:
    made = ModuleType(module)
    exec(FILTER, vars(made))
    return made.error_handler


def names(error: Exception) -> list[str]:
    return [step.function for step in steps_of(error)]


def test_frames_that_keras_hides_are_found() -> None:
    handler = handler_in("keras.src.utils.traceback_utils")
    error = raised(lambda: handler(layer, (30, 30)))

    shown = []
    traceback = error.__traceback__
    while traceback is not None:
        shown.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    assert "layer" not in shown
    assert names(error)[-3:] == ["error_handler", "layer", "failing"]
    [own] = [step for step in steps_of(error) if step.function == "layer"]
    assert (own.local["halved"], own.before is not None) == ((15, 15), True)


def test_frames_that_others_hide_stay_hidden() -> None:
    """Somebody who raises another error means that one."""
    error = raised(lambda: handler_in("some.package")(layer, (30, 30)))

    assert "layer" not in names(error)


def test_a_traceback_is_taken_as_it_is() -> None:
    error = raised(lambda: layer((30, 30)))

    assert names(error) == ["raised", "<lambda>", "layer", "failing"]
