"""What PyTorch and Keras answer to the questions of poolviz.

    FOLDER/bin/pip install torch==2.13.0 numpy keras==3.15.1 && FOLDER/bin/pip install -e .
    FOLDER/bin/python -m tools.record.exercises.exercises

writes `tests/data/exercises.json.gz`. One JSON object: `versions`, and `answers`, a list of [id,
seed, answer]. The call is the code in the question, or the layers of its stack; limits
are found by trying in the framework, unread cells and receptive fields by the gradient, sizes below
one in the text of the error. poolviz only asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

import poolviz as pv
from tests.support.paths import DATA
from tools.record.exercises import ask_convolutions, ask_course
from tools.record.exercises.ask_layers import (
    Asker,
    adaptive_length,
    adaptive_value,
    call_that_works,
    divisor,
    gradient_of_cell,
    index,
    kernel_length,
    largest_padding,
    limit,
    one_change,
    outcome,
    read_twice,
    round_trip,
    same_split,
    same_total,
    sign,
    size,
    size_below_one,
    smallest_input,
    stride_for_the_next,
    unread,
    unread_count,
    value,
    winners,
)
from tools.record.exercises.ask_networks import (
    channels_said,
    features_said,
    flattened,
    last_map,
    layer_that_fails,
    layer_that_took_most,
    permuted,
    poolings,
    said,
    seen,
    smallest_of_stack,
    torch_and_keras_raise,
    way,
)
from tools.record.networks.architectures import versions, zipped

OUTPUT = DATA / "exercises.json.gz"
SEEDS = range(12)

ASKERS: dict[str, Asker] = {
    **ask_convolutions.ASKERS,
    **ask_course.ASKERS,
    **dict.fromkeys(
        (
            "size-plain",
            "size-padded",
            "size-two-axes",
            "size-dilated",
            "stride-larger-than-input",
            "same-size",
            "same-default-stride",
            "sequence-length",
            "default-stride",
            "ceil-mode-size",
            "ceil-mode-dropped",
            "size-with-everything",
        ),
        size,
    ),
    **dict.fromkeys(
        (
            "stride-over-the-input",
            "same-with-a-large-kernel",
            "division-with-a-rest",
            "smaller-stride",
        ),
        outcome,
    ),
    "formula-below-zero": size_below_one,
    "zero-or-negative": sign,
    "max-of-a-window": value,
    "average-of-a-window": value,
    "max-in-the-padding": value,
    "average-with-padding-counted": value,
    "average-with-padding-left-out": value,
    "average-with-its-own-divisor": value,
    "adaptive-window-length": adaptive_length,
    "elements-read-twice": read_twice,
    "adaptive-maximum": adaptive_value,
    "size-after-unpooling": round_trip,
    "index-of-a-maximum": index,
    "divisor-by-framework": divisor,
    "divisor-in-ceil-mode": divisor,
    "gradient-through-max": gradient_of_cell,
    "gradient-through-average": gradient_of_cell,
    "winners-of-max": winners,
    "unread-in-a-row": unread,
    "unread-in-a-grid": unread,
    "unread-count": unread_count,
    "largest-kernel": limit("kernel_size", max),
    "smallest-padding": limit("padding", min),
    "dilation-outgrows-input": limit("dilation", max),
    "largest-padding": largest_padding,
    "padding-in-a-message": largest_padding,
    "smallest-input-of-layer": smallest_input,
    "effective-kernel": kernel_length,
    "stride-for-the-next-layer": stride_for_the_next,
    "one-change": one_change,
    "change-that-helps": call_that_works,
    "same-split": same_split,
    "same-total": same_total,
    "sizes-on-the-way": way,
    "lengths-on-the-way": way,
    "layer-that-fails": layer_that_fails,
    "layer-that-took-most": layer_that_took_most,
    "smallest-picture": smallest_of_stack,
    "smallest-for-poolings": smallest_of_stack,
    "shortest-sequence": smallest_of_stack,
    "poolings-that-fit": poolings,
    "map-before-the-head": last_map,
    "features-of-flatten": flattened,
    "receptive-field": seen,
    "receptive-field-with-strides": seen,
    "permutation-that-repairs": permuted,
}
SPEAKERS: dict[str, Asker] = {
    **ask_course.SPEAKERS,
    "pytorch-message-axis": said,
    "keras-message-axis": said,
    "length-in-a-message": said,
    "padding-in-a-message": said,
    "channels-message": channels_said,
    "features-message": features_said,
}
REFUSERS = ("who-takes-the-padding", "who-has-the-argument", "who-raises")


def answers(asked: dict[str, Asker]) -> Iterator[list[Any]]:
    for name, ask in asked.items():
        for seed in SEEDS:
            found = ask(pv.exercise(name, seed))
            if found is not None:
                yield [name, seed, found]


def record() -> dict[str, Any]:
    keras.utils.set_random_seed(0)
    return {
        "versions": versions(),
        "answers": list(answers(ASKERS)),
        "messages": list(answers(SPEAKERS)),
        "raising": list(answers(dict.fromkeys(REFUSERS, torch_and_keras_raise))),
    }


def main() -> None:
    content = record()
    OUTPUT.write_bytes(zipped(content))
    print(OUTPUT, {name: len(rows) for name, rows in content.items()})


if __name__ == "__main__":
    main()
