"""Plays back recorded failures without a framework.

A program runs with stand-ins for the framework, up to the line where it failed (`events`).
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from poolviz.failures.find_failure import steps_of
from tests.failures.events import Event
from tests.failures.flax_modules import flax_modules
from tests.failures.keras_modules import keras_modules
from tests.failures.torch_modules import torch_modules
from tests.support.paths import DATA
from tools.record.messages.failures import Program, programs

MODULES = {"torch": torch_modules, "keras": keras_modules, "flax": flax_modules}


@cache
def recorded_failures() -> dict[str, list[dict[str, Any]]]:
    """The runs of each framework, with its versions."""
    found: dict[str, list[dict[str, Any]]] = json.loads(
        gzip.decompress((DATA / "failures.json.gz").read_bytes())
    )
    return found


def replayed(program: Program, run: dict[str, Any], look: Callable[[Exception | None], Any]) -> Any:
    """Return what is seen in the error of a program whose framework fails as recorded."""
    event = Event(program, run)
    modules = MODULES[program.framework](event)
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        return look(_without_ours(program.run()))
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _is_ours(file: str) -> bool:
    return Path(file).parent == Path(__file__).parent


def _without_ours(error: Any) -> Any:
    """Take the frames of this folder out of a traceback: they stand where the framework's are."""
    if error is not None:
        steps = [step.traceback for step in steps_of(error)]
        kept = None
        for each in reversed(steps):
            if not _is_ours(each.tb_frame.f_code.co_filename):
                kept = TracebackType(kept, each.tb_frame, each.tb_lasti, each.tb_lineno)
        error.with_traceback(kept)
        _without_ours(error.__cause__)
    return error


def pairs() -> Iterator[tuple[str, Program, dict[str, Any]]]:
    """Yield every recorded run with its program."""
    known = {
        name: {one.title: one for one in programs(name)} for name in ("torch", "keras", "flax")
    }
    for versions, runs in recorded_failures().items():
        for run in runs:
            yield versions, known[versions.partition(" ")[0]][run["title"]], run
