"""TensorFlow's messages of losses: logits, labels and class numbers that do not go together."""

from __future__ import annotations

import re

from poolviz.dialects.tensorflow.graph_nodes import keras_code
from poolviz.dialects.tensorflow.kernel_messages import node_around
from poolviz.messages.causes.targets import classes_of, label_of, target_of
from poolviz.messages.message import Reading, Sizes
from poolviz.messages.pattern import Found, MessagePattern

FRAMEWORK = "tensorflow"
# Names of nodes, operations and files; a line of a log has "loss: 0.3".
_LOSS = re.compile(
    r"loss\w{0,40}/|/\w{0,40}loss|losses\.py|squared_?difference|mean_squared\w{0,20}/"
    r"|cross_?entropy|/ms?[ae]/",
    re.I,
)
_CLASSES = re.compile(r"cross_?entropy|SoftmaxCross", re.I)
_OPERANDS = re.compile(r"\]\(([^(),]{1,200}), ?([^(),]{1,200})\)")
_TARGET = re.compile(r"data_|IteratorGetNext|label|target|y_true|one_hot|Placeholder", re.I)


def is_loss(text: str) -> bool:
    """Return whether a node or the text around a message is about a loss."""
    return _LOSS.search(text) is not None


def of_node(call: str, first: Sizes, second: Sizes, code: str | None) -> Reading | None:
    """Report the two inputs of a loss; which is the output, the names of the operands show."""
    named = _OPERANDS.search(call)
    are_targets = [bool(_TARGET.search(name)) for name in named.groups()] if named else [False] * 2
    is_ordered = "SoftmaxCross" in call or are_targets[0] != are_targets[1]
    if are_targets == [True, False]:
        first, second = second, first
    are_rows = len(first) == len(second) == 2 and first[0] == second[0]
    if are_rows and None not in (first[1], second[1]):
        are_classes = _CLASSES.search(call) is not None
        sizes = first[1] or 0, second[1] or 0
        return classes_of(FRAMEWORK, *sizes, code, is_ordered, are_classes)
    are_maps = len(first) == len(second) > 3
    return target_of(FRAMEWORK, first, second, code) if is_ordered or are_maps else None


def _labels(found: Found) -> Reading | None:
    logits, labels = found.sizes("output"), found.sizes("target")
    code = keras_code(found, node_around(found))
    return target_of(FRAMEWORK, logits, labels, code)


def _class_numbers(found: Found) -> Reading | None:
    logits, labels = found.sizes("output"), found.sizes("target")
    code = keras_code(found, node_around(found))
    return target_of(FRAMEWORK, logits, labels, code, takes_numbers=True)


def _label(found: Found) -> Reading | None:
    """Read a label outside of the classes; its node may be that of a loss of Keras."""
    code = keras_code(found, node_around(found))
    return label_of(FRAMEWORK, found.number("label"), found.number("classes"), code)


_SHAPE = r"[(\[]<{}:shape>[)\]]"
LOSSES = (
    MessagePattern(
        ("shape of labels",),
        (
            r"The shape of labels \(received: ?\(?<target:shape>\)?\) should equal the shape of "
            r"logits except for the last dimension \(received: ?\(?<output:shape>\)?\)"
        ),
        _class_numbers,
    ),
    MessagePattern(
        ("logits and labels must be",),
        (
            r"logits and labels must be (?:broadcastable|(?:the )?same size): logits(?:_size=| )"
            rf"{_SHAPE.format('output')}(?: vs\.)? labels(?:_size=| ){_SHAPE.format('target')}"
        ),
        _labels,
    ),
    MessagePattern(
        ("Received a label value",),
        (
            r"Received a label value of <label:int> which is outside the valid range of \[0, "
            r"<classes:int>\)"
        ),
        _label,
    ),
    MessagePattern(
        ("first dimension",),
        (
            r"logits and labels must have the same first dimension, got logits shape "
            rf"{_SHAPE.format('output')} and labels shape {_SHAPE.format('target')}"
        ),
        _class_numbers,
    ),
    MessagePattern(
        ("labels.shape",),
        (
            r"`labels\.shape(?:\.rank)?` must equal `logits\.shape[^:]{1,60}?Received: "
            r"labels\.shape="
            rf"{_SHAPE.format('target')}(?: of rank [0-9])? and "
            rf"logits\.shape={_SHAPE.format('output')}"
        ),
        _class_numbers,
    ),
    MessagePattern(
        ("logits",),
        (
            r"`?logits`? and `?labels`? must have the same shape,? (?:received )?\("
            rf"{_SHAPE.format('output')} vs\.? {_SHAPE.format('target')}\)"
        ),
        _labels,
    ),
)
