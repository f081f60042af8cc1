"""Answers of PyTorch and Keras to the exercises about convolutions.

The calls are the code in the question; the numbers that poolviz computed are not used.
"""

from __future__ import annotations

import re
from typing import Any

import keras
import torch
from torch import nn

import poolviz as pv
from tools.record.exercises.ask_layers import MOST, Asker, code_of

_NUMBER = r"[−-]?\d+"


def _layer(exercise: pv.Exercise, **changed: Any) -> Any:
    code = code_of(exercise.question)[0]
    words = "".join(f", {name}={value}" for name, value in changed.items())
    made = code[:-1] + words + ")"
    return eval(made, {"nn": nn, "layers": keras.layers, "__builtins__": {}})


def _map(exercise: pv.Exercise, channels_last: bool = False) -> torch.Tensor:
    found = re.search(r"(\d+) × (\d+)", exercise.question)
    assert found, exercise.question
    sizes = int(found[1]), int(found[2])
    return torch.zeros(1, *sizes, 1) if channels_last else torch.zeros(1, 1, *sizes)


def _numbers(text: str) -> list[int]:
    return [int(found.replace("−", "-")) for found in re.findall(_NUMBER, text)]


def size(exercise: pv.Exercise) -> int:
    """The height of the output; the maps are square."""
    is_keras = "layers." in exercise.question
    found = _layer(exercise)(_map(exercise, channels_last=is_keras)).shape
    return int(found[1] if is_keras else found[2])


def padding_that_keeps(exercise: pv.Exercise) -> int:
    """The padding after which the output is as large as the input, found by trying."""
    x = _map(exercise)
    return next(p for p in range(MOST) if _layer(exercise, padding=p)(x).shape[2:] == x.shape[2:])


def weights(exercise: pv.Exercise) -> int:
    return int(_layer(exercise).weight.numel())


def most_groups(exercise: pv.Exercise) -> int:
    """The largest number of groups with which the layer can be made."""
    before, after, *_ = _numbers(exercise.question)

    def can_be_made(groups: int) -> bool:
        try:
            nn.Conv2d(before, after, 1, groups=groups)
        except ValueError:
            return False
        return True

    return max(filter(can_be_made, range(1, before + 1)))


def value(exercise: pv.Exercise) -> int:
    """One element of the output, from the two grids of the question."""
    first, second = (
        [_numbers(line) for line in grid.splitlines()] for grid in exercise.block.split("\n\n")
    )
    layer = nn.Conv2d(1, 1, len(second), bias=False)
    layer.weight.data = torch.tensor(second, dtype=torch.float32)[None, None]
    y = layer(torch.tensor(first, dtype=torch.float32)[None, None])
    place = re.search(r"row (\d+), column (\d+)", exercise.question)
    assert place, exercise.question
    return int(y[0, 0, int(place[1]), int(place[2])])


def transposed_value(exercise: pv.Exercise) -> int:
    found = re.search(
        rf"values ({_NUMBER}), ({_NUMBER}) .* kernel size (\d+), stride (\d+) and the weights "
        rf"(.*), without bias.* index (\d+)",
        exercise.question,
    )
    assert found, exercise.question
    layer = nn.ConvTranspose1d(1, 1, int(found[3]), stride=int(found[4]), bias=False)
    layer.weight.data = torch.tensor(_numbers(found[5]), dtype=torch.float32)[None, None]
    y = layer(torch.tensor([*map(float, _numbers(f"{found[1]} {found[2]}"))])[None, None])
    return int(y[0, 0, int(found[6])])


ASKERS: dict[str, Asker] = {
    "conv-size": size,
    "conv-size-same": size,
    "conv-size-padded": size,
    "conv-size-dilated": size,
    "padding-that-keeps-the-size": padding_that_keeps,
    "transposed-size": size,
    "transposed-size-padded": size,
    "weights-of-a-convolution": weights,
    "most-groups": most_groups,
    "value-of-a-convolution": value,
    "value-of-a-transposed-convolution": transposed_value,
}
