"""Sizes that had a false explanation once, or a fix that would not have helped.

The wordings are those of public threads; the numbers of a few were changed.
"""

from __future__ import annotations

import pytest

from poolviz.messages.message import MessageKind as Kind
from tests.messages.test_judged_texts import INCOMPATIBLE, Told, check

TOLD = {
    "samples, and no side of a map": Told(
        "ValueError: Target size (torch.Size([2, 28, 28])) must be the same as input size "
        "(torch.Size([4, 28, 28]))",
        Kind.TARGET,
        "the output has the shape (4, 28, 28) and the target (2, 28, 28)",
        "print(output.shape, target.shape)",
        never="pooling|crop|resize",
    ),
    "a mask that is half as large": Told(
        "ValueError: Target size (torch.Size([8, 1, 256, 256])) must be the same as input size "
        "(torch.Size([8, 1, 512, 512]))",
        Kind.TARGET,
        code="output = F.interpolate(output, size=target.shape[-2:])",
        never="most likely",
    ),
    "a stride that rounds": Told(
        "Attempting to broadcast a dimension of length 15 at -1! Mismatching argument at index 1 "
        "had torch.Size([1, 8, 15, 15]); but expected shape should be broadcastable to "
        "[1, 8, 31, 31]",
        Kind.SUM,
        "31 is about 2 × 15",
    ),
    "no channels at all": Told(
        "RuntimeError: Expected input[1, 0, 640, 640] to have 3 channels, but got 0 channels "
        "instead",
        Kind.CHANNELS,
        code="print(x.shape)",
        never="a layer for 0",
    ),
    "channels without the shapes": Told(
        "Given groups=1, ... expected input to have 3 channels, but got 4 channels instead",
        Kind.CHANNELS,
        "RGBA",
    ),
    "a product without its end": Told(
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x62720 and 224x1024\nmore",
        Kind.LINEAR,
        "was built for 224 features, and the input has 62,720",
    ),
    "a permutation of PyTorch 1.10": Told(
        "RuntimeError: number of dims don't match in permute", Kind.RANK, code="print(x.shape)"
    ),
    "BatchNorm3d without its traceback": Told(
        "ValueError: expected 5D input (got 4D input)",
        Kind.RANK,
        code="nn.BatchNorm2d(channels)",
        never="Instance",
    ),
    "rows for a picture": Told(
        "Error when checking : expected conv2d_Conv2D13_input to have shape [null,28,28,1] but "
        "got array with shape [1,784,1,1].",
        Kind.INPUT_SHAPE,
        'TensorFlow.js, layer "conv2d_Conv2D13_input"',
        "x = x.reshape([-1, 28, 28, 1])",
        never="Resizing",
    ),
    "height and width exchanged": Told(
        INCOMPATIBLE.format('"sequential"')
        + "expected shape=(None, 128, 431, 1), found shape=(None, 431, 128, 1)",
        Kind.INPUT_SHAPE,
        "most likely height and width are exchanged",
        "x = np.swapaxes(x, 1, 2)",
        never="Resizing",
    ),
    "as many numbers in another picture": Told(
        INCOMPATIBLE.format('"sequential"')
        + "expected shape=(None, 64, 64, 3), found shape=(None, 128, 96, 1)",
        Kind.INPUT_SHAPE,
        never="All 12,288|exchanged",
    ),
    "channels last for onnxruntime": Told(
        "Got invalid dimensions for input: image_input for the following indices\n index: 1 Got: 3 "
        "Expected: 160\n index: 3 Got: 160 Expected: 3",
        Kind.INPUT_SHAPE,
        "the data most likely has its channels first",
        "x = np.moveaxis(x, 1, -1)",
        never="width",
    ),
    "indices of onnxruntime alone": Told(
        "Got invalid dimensions for input: input.1\n  index: 1 Got: 1 Expected: 3",
        Kind.CHANNELS,
        "most likely grey",
    ),
}


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_sizes_are_told(told: Told) -> None:
    check(told)
