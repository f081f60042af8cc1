"""`pv.decode` on one message: its words, its fixes, its layer, and how it was pasted."""

from __future__ import annotations

import html
import json
import pickle
import re

import pytest

from poolviz.arithmetic.layers.pool import Pool
from poolviz.reading.messages import decode

KERAS = (
    "Exception encountered when calling MaxPooling2D.call().\n\n\x1b[1mComputed output size would "
    "be zero or negative. Received: `inputs.shape=[None 10 10  3]`, `pool_size=[15 15]`, "
    "`strides=(15, 15)`, `padding=valid`.\x1b[0m"
)


def test_message_in_words() -> None:
    message = decode(
        "Negative dimension size caused by subtracting 2 from 1 for '{{node pool1/MaxPool}} = "
        'MaxPool[T=DT_FLOAT, data_format="NHWC", explicit_paddings=[], ksize=[1, 2, 2, 1], '
        'padding="VALID", strides=[1, 2, 2, 1]](x)\' with input shapes: [?,1,6,28].'
    )
    assert message is not None
    words = str(message)
    assert words.startswith(
        'TensorFlow, max pooling, layer "pool1", height: no window fits. The window 2 is longer '
        "than the input 1. Any one of these gives valid shapes: "
    )
    assert "kernel height 2 → 1" not in words  # such a layer does nothing
    assert "input height 1 → 2 gives 1 × 3 (needs larger data, or fewer preceding layers)" in words
    assert "\n" not in words


def test_channels_that_may_be_first_are_the_first_fix() -> None:
    message = decode(
        "Negative dimension size caused by subtracting 2 from 1 for '{{node pool1/MaxPool}} = "
        'MaxPool[T=DT_FLOAT, data_format="NHWC", explicit_paddings=[], ksize=[1, 2, 2, 1], '
        'padding="VALID", strides=[1, 2, 2, 1]](x)\' with input shapes: [?,1,28,28].'
    )
    assert message is not None
    assert message.fixes[0] == (
        "put the channels of the data last, if they are first",
        "x = tf.experimental.numpy.moveaxis(x, 1, -1)",
    )
    cause, _, fixes = str(message).partition(" Possible fixes:")
    assert fixes
    assert cause.endswith(
        "A height of 1 next to a long axis is often the number of channels: check whether the data "
        "is channels first while the model expects channels last. If not, the preceding layers "
        "reduced the height."
    )


def test_keras_message_opens_as_a_layer() -> None:
    message = decode(KERAS)

    assert message is not None
    assert Pool((15, 15), (15, 15), "valid", framework="keras") == message.layer
    assert (message.axis, message.failing_axes) == ("height", ("height", "width"))
    assert "\x1b" not in message.message


def test_frozen_and_picklable() -> None:
    message = decode(KERAS)
    assert message is not None
    str(message)

    assert message == pickle.loads(pickle.dumps(message))
    with pytest.raises(AttributeError):
        message.op = "avg"  # type: ignore[misc]


@pytest.mark.parametrize("height", [1, 3])
def test_few_rows_beside_a_wide_axis_may_be_channels(height: int) -> None:
    message = decode(
        f"Negative dimension size caused by subtracting 5 from {height} for 'c/Conv2D' "
        f"(op: 'Conv2D') with input shapes: [?,{height},64,64], [5,5,64,8]."
    )

    assert message is not None
    assert any("channels" in note for note in message.notes)


def test_a_small_map_is_not_taken_for_channels() -> None:
    message = decode(
        "Negative dimension size caused by subtracting 5 from 3 for 'c/Conv2D' (op: 'Conv2D') "
        "with input shapes: [?,3,4,64], [5,5,64,8]."
    )

    assert message is not None
    assert not any("channels" in note for note in message.notes)


def test_missing_flatten_is_told() -> None:
    message = decode(
        "x = self.conv2(x)\nmat1 and mat2 shapes cannot be multiplied (320x7 and 560x10)"
    )

    assert message is not None
    assert message.certainty == "likely"
    assert "the 2240 numbers of the input are 4 × 560" in str(message)
    assert message.fixes[0] == (
        "flatten the feature map before the layer",
        "x = torch.flatten(x, 1)",
    )


def test_source_lines_do_not_hide_the_message() -> None:
    """IPython shows the line that raises, with the same words and no numbers."""
    message = decode(
        'raise ValueError(\n  "Computed output size would be negative. Received "\n'
        '  f"`inputs shape={shape}`, "\n\nValueError: Computed output size would be negative. '
        "Received `inputs shape=(None, 2, 6, 8)`, `kernel shape=(3, 3, 8, 4)`, "
        "`dilation_rate=[1 1]`."
    )

    assert message is not None
    assert (message.framework, message.op, message.axis) == ("keras", "conv", "height")


def test_escaped_and_quoted_texts_are_read() -> None:
    """A repr, a web page, a mail."""
    text = (
        "Negative dimension size caused by subtracting 4 from 2 for '{{node p/MaxPool}} = "
        'MaxPool[data_format="NHWC", explicit_paddings=[], ksize=[1, 4, 4, 1], padding="VALID", '
        "strides=[1, 2, 2, 1]](x)' with input shapes: [?,2,9,5]."
    )
    plain = decode(text)
    pasted = [
        json.dumps(text),
        html.escape(text),
        text.replace(" ", "\n> "),
        "\0".join(text),
        re.sub(r"(\d)", "\x1b[31m\\1\x1b[0m", text),
    ]

    assert plain is not None
    for other in pasted:
        message = decode(other)
        assert message is not None, other
        assert (plain.axes, plain.layer) == (message.axes, message.layer), other
