"""Compare poolviz with PyTorch and Keras on the networks of `tools.record.networks.random_torch`.

    FOLDER/bin/pip install torch==2.13.0 numpy keras==3.15.1 && FOLDER/bin/pip install -e .
    FOLDER/bin/python -m tools.record.networks.random_models 5000

runs 5,000 networks of each framework, PyTorch on two samples in evaluation mode and Keras
symbolically, and prints every contradiction of `read_code` and of `read_model`, and the share that
is read whole. With `--record` it also writes the first of them to
`tests/data/random_models.json.gz`: `versions`, and for each network its `framework`, `seed`,
`text`, `shape`, and its `outputs` (shapes without the batch) or the type of its `error`, what it
`says`, and whether it comes `from_backend`: the type is then that of the backend torch.

Seeds 0 to 4,999 of both, run once with Python 3.11.7, torch 2.13.0 and Keras 3.15.1 (backend
torch), on poolviz at commit 1cbe4de:

                      PyTorch   Keras
    run / raise    3663 / 1337  3988 / 1012
    read_code: whole      3534    4926
    read_code: in part    1466      74
    read_code: crashes       0       0
    contradictions          10       0
    read_model: whole     4428    4099
    read_model: in part    385      74
    read_model: crashes      0       0
    contradictions           5       0

`read_model` got the models that could be made. Of the 15 contradictions, 8 are mended since,
checked by their seeds (713, 2012, 4041, 4154, 4440) and not by another whole run. The
last 7 of `read_code` (seeds 69, 359, 858, 899, 1403, 2301, 4578: a constructor runs a BatchNorm2d
in training mode on one number per channel) were mended after that.

Seeds 10,000 to 14,999 of both, run once on 30 November 2026 with the same versions at commit
3b29a9d: no contradiction and no crash.

                      PyTorch   Keras
    run / raise    3677 / 1323  3968 / 1032
    read_code: whole      4212    4943
    read_model: whole     4344    4086

Seeds 20,000 to 24,999 of both, run once on 30 November 2026 with the same versions at commit
e007cbb: no contradiction and no crash.

                      PyTorch   Keras
    run / raise    3641 / 1359  4029 /  971
    read_code: whole      4194    4938
    read_model: whole     4334    4142

Seeds 30,000 to 34,999 of both, run once on 30 November 2026 with the same versions at commit
4906d53c: no contradiction and no crash.

                      PyTorch   Keras
    run / raise    3632 / 1368  4012 /  988
    read_code: whole      4195    4928
    read_model: whole     4373    4129

Seeds 80,000 to 81,999 of both, run on 30 November 2026 with the same versions after commit
d96af57b: no contradiction and no crash. `read_code` reads 1,673 networks of PyTorch whole and 1,962
of Keras, `read_model` 1,734 and 1,653.

Seeds 0 to 1,499 of both, run on 29 November 2026 with the same versions at commit 6bd7582: no
contradiction and no crash. `read_code` reads 1,259 networks of PyTorch whole and 1,475 of Keras,
`read_model` 1,305 and 1,227.
"""

from __future__ import annotations

import argparse
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import torch

import poolviz as pv
from tests.support.agreement import contradiction
from tests.support.paths import DATA
from tools.record.networks import random_keras, random_torch
from tools.record.networks.architectures import versions, zipped
from tools.record.networks.random_torch import RandomModel
from tools.record.networks.written_models import BATCH, shapes

OUTPUT = DATA / "random_models.json.gz"
RECORDED = 150  # of each framework
WRITERS = {"pytorch": random_torch.pytorch, "keras": random_keras.keras}


def run(model: RandomModel) -> tuple[dict[str, Any], Any]:
    """Return the outputs or the error of a network, and its model if one was made."""
    names: dict[str, Any] = {}
    made = None
    try:
        exec(compile(model.text, "model", "exec"), names)
        made = names["model"]
        if model.framework == "pytorch":
            made.eval()
        elif made.built and getattr(made, "inputs", None):
            return {"outputs": shapes(made.outputs)}, made
        else:  # on numbers, the backend would raise its own errors
            return {"outputs": shapes(made(keras.Input(model.input_shape)))}, made
        with torch.no_grad():
            return {"outputs": shapes(made(torch.zeros(BATCH, *model.input_shape)))}, made
    except Exception as error:  # whatever the framework raises is the answer
        said = {"error": type(error).__name__, "says": str(error)[:200]}
        is_own = isinstance(error, ValueError) or model.framework == "pytorch"
        return said if is_own else said | {"from_backend": True}, made


def compared(read: Callable[[], pv.Stack], ran: dict[str, Any]) -> tuple[str, str | None]:
    """Return how far a network was read, and what the run contradicts."""
    try:
        stack = read()
        wrong = contradiction(stack, ran)
    except Exception as error:
        return "crashes", f"crashes: {type(error).__name__}: {str(error)[:200]}"
    return "in part" if stack.not_read or stack.ok is None else "whole", wrong


def readings(model: RandomModel, made: Any) -> Iterator[tuple[str, Callable[[], pv.Stack]]]:
    """Yield the functions that read a network."""
    yield "read_code", lambda: pv.read_code(model.text, model.input_shape)
    if made is not None:
        yield "read_model", lambda: pv.read_model(made, model.input_shape)


def compare(framework: str, count: int, first: int) -> list[dict[str, Any]]:
    """Run and compare networks; print contradictions and counts, return what is recorded."""
    found: list[dict[str, Any]] = []
    counts = Counter[str]()
    for seed in range(first, first + count):
        model = WRITERS[framework](seed)
        ran, made = run(model)
        counts["raise an error" if "error" in ran else "run"] += 1
        for reader, read in readings(model, made):
            extent, wrong = compared(read, ran)
            counts[f"{reader}: {extent}"] += 1
            if wrong is not None:
                counts[f"{reader}: contradictions"] += 1
                print(f"{framework} {seed} {reader} {wrong} {ran.get('says', '')[:90]}", flush=True)
        if len(found) < RECORDED:
            given = {"framework": framework, "seed": seed, "text": model.text}
            found.append(given | {"shape": model.input_shape} | ran)
    print(framework, count, dict(sorted(counts.items())), flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, help="networks of each framework")
    parser.add_argument("--first", type=int, default=0, help="seed of the first network")
    parser.add_argument("--framework", choices=list(WRITERS), action="append")
    parser.add_argument("--record", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    frameworks = given.framework or list(WRITERS)
    found = [each for name in frameworks for each in compare(name, given.count, given.first)]
    if given.record:
        OUTPUT.write_bytes(zipped({"versions": versions(), "models": found}))


if __name__ == "__main__":
    main()
