"""Messages of MXNet: the condition that failed, and mostly the two numbers in it."""

from __future__ import annotations

import re
from dataclasses import replace
from math import prod

from poolviz.i18n.phrase import phrase
from poolviz.messages.arguments import operation
from poolviz.messages.causes.axes import rank_of
from poolviz.messages.causes.channels import channels_of
from poolviz.messages.causes.features import linear
from poolviz.messages.causes.fixes import fix
from poolviz.messages.causes.reshapes import reshape_of
from poolviz.messages.causes.sums import joined_of, sum_of
from poolviz.messages.message import UNNAMED_NOTE, AxisReading, Reading, Sizes, no_fit
from poolviz.messages.pattern import Found, MessagePattern, Messages, sizes_in
from poolviz.messages.snippets import Snippets

# Run in MXNet 1.9.1; `nd` and `nn` are mxnet.nd and mxnet.gluon.nn.
CODE = Snippets(
    add_batch="x = x.expand_dims(axis=0)",
    add_channel="x = x.expand_dims(axis=1)",
    flatten="x = x.flatten()",
    linear="nn.Dense({outputs}, in_units={features})",
    open_linear="nn.Dense({outputs})",
    repeat_grey="x = nd.repeat(x, repeats=3, axis=1)",
    to_grey="x = x.mean(axis=1, keepdims=True)",
    channels_first="x = x.transpose((0, 3, 1, 2))",
    crop="skip = skip[:, :, : x.shape[2], : x.shape[3]]",
    print_shape="print(x.shape)",
    print_both="print(x.shape, skip.shape)",
)
_OPERATOR = re.compile(r"(?:[Ee]rror in operator|InferShape Error in) ([\w.-]{1,120}?):")
_IS_STRICT = re.compile(r"k(?:ernel\[[01]\]|size_[dyx]) < dshape")
_AXES = {"0": "height", "1": "width", "d": "depth", "y": "height", "x": "width"}


def _layer(found: Found) -> tuple[str | None, str | None]:
    """Name of the layer, and the operation from it or from the source file."""
    before = found.before(300)
    names = _OPERATOR.findall(before)
    line = before[-160:] + found.match[0]
    # Only its convolutions count the dilation into a "ksize".
    op = "conv" if "ksize" in line else operation(line) or operation(names[-1] if names else "")
    return (names[-1] if names else None), op


def _numbers(found: Found) -> Reading:
    name, op = _layer(found)
    size, padded = found.number("size"), found.optional("padded")
    kernel = found.number("kernel")
    axis = AxisReading(
        name=_axis(found),
        input_size=size if padded is not None else None,
        padded_size=padded if padded is not None else size,
        kernel_size=kernel if op != "conv" else None,
        effective_kernel_size=kernel,
        padding=(padded - size) // 2 if padded is not None else None,
    )
    remarks = () if axis.name else (UNNAMED_NOTE,)
    names = (axis.name,) if axis.name else ()
    read = no_fit("mxnet", (axis,), op or "pool", name, names, remarks, certainty="likely")
    if kernel == axis.room and _IS_STRICT.search(_condition(found)):
        return _has_to_be_smaller(read, kernel)
    return read


def _has_to_be_smaller(read: Reading, kernel: int) -> Reading:
    """Report the condition of 0.9: a kernel as large as its input is refused as well."""
    note = phrase("reading.note.kernel_below_input", kernel=kernel)
    fixes = (fix("larger_input"), fix("kernel_of_at_most", most=kernel - 1))
    return replace(
        read, certainty="likely", remarks=(note,), remedies=fixes[:kernel], only_remedies=True
    )


def _reshape(found: Found) -> Reading | None:
    """Read a reshape; NumPy says the same with a small letter."""
    target = found.sizes("target")
    if not found.match[0].startswith("C") or len(target) < 2:
        return None
    known = prod(size for size in target if size is not None and size > 0)
    return reshape_of("mxnet", found.number("total"), known, target)


def _condition(found: Found) -> str:
    """Condition that failed, before the text or in it."""
    return found.before(200).rpartition("Check failed:")[2] + found.match[0]


def _axis(found: Found) -> str | None:
    """Axis in the condition, as kernel[1] or dilated_ksize_x, on a map of two axes."""
    named = re.search(r"kernel\[([01])\]|ksize_([dyx])", _condition(found))
    return _AXES[named[1] or named[2]] if named else None


def _condition_alone(found: Found) -> Reading:
    name, op = _layer(found)
    note = phrase("reading.note.condition_without_number")
    return no_fit("mxnet", (), op or "pool", name, (), (note,), certainty="guess")


def _rank(found: Found) -> Reading:
    name, op = _layer(found)
    op = "pool" if found["op"] else op or "conv"
    return rank_of("mxnet", op, found.number("expected"), (), found.number("got"), name)


_FAILURES = (
    MessagePattern(
        ("exceeds",),
        (
            r"kernel size \(<kernel:int>\) exceeds input \(<size:int> padded to "
            r"<padded:int>\)"
        ),
        _numbers,
    ),
    MessagePattern(
        ("exceed",),
        (
            r"Check failed:[\s\S]{1,300}?\(<kernel:int> vs\. <size:int>\)(?: ?:)? ?"
            r"kernel size exceeds? input"
        ),
        _numbers,
    ),
    MessagePattern(
        ("dilated_ksize",),
        (
            r"Check failed: dilated_ksize_[dyx] <= AddPad\(dshape\[[0-9]\], param_\.pad\[[0-9]\]\) "
            r"\(<kernel:int> vs\. <size:int>\)"
        ),
        _numbers,
    ),
    MessagePattern(
        ("should be",),
        (
            r"Check failed: ds\w{1,10}\.ndim\(\) == [0-9]U? \(<got:int> vs\. "
            r"<expected:int>\)(?: ?:)? "
            r"(?P<op>Pooling: |)Input data should be"
        ),
        _rank,
    ),
)
_VAGUE = (
    MessagePattern(
        ("exceed",),
        r"(?:Check failed:[\s\S]{1,300}?|Pooling: )kernel size exceeds? input",
        _condition_alone,
    ),
)


# --- after a pooling layer, and arguments ---------------------------------------------------------


def _fully_connected(found: Found) -> Reading | None:
    """Read the weights that are given, and those that the input needs; never the input."""
    given, inferred = found.sizes("first"), found.sizes("second")
    name = _layer(found)[0]
    if len(given) == len(inferred) > 2 and (given[0], given[2:]) == (inferred[0], inferred[2:]):
        expected, got = given[1] or 0, inferred[1] or 0
        return channels_of("mxnet", expected, got, (), "conv", name, "channels_first")
    if len(given) != 2 or len(inferred) != 2 or given[0] != inferred[0]:
        return None
    return replace(
        linear("mxnet", (given, inferred), given[1], inferred[1]),
        layer_name=name,
        certainty="likely",
        remarks=(phrase("reading.note.weights_of_a_dense"),),
    )


_INFERRED = (
    r"Shape inconsistent, Provided ?= ?[(\[]<first:shape>[)\]], inferred shape ?= ?"
    r"[(\[]<second:shape>[)\]]"
)


def _joined(found: Found) -> Reading | None:
    shapes = tuple(_open_sizes(found[field]) for field in ("first", "second"))
    return joined_of("mxnet", shapes, 1, layer_name=_layer(found)[0])


def _open_sizes(text: str) -> Sizes:
    """Parse sizes, of which MXNet writes an open one as -1."""
    return tuple(None if size == -1 else size for size in sizes_in(text))


def _sum(found: Found) -> Reading | None:
    first, second = found.sizes("first"), found.sizes("second")
    if min(len(first), len(second)) < 4:
        return None
    name = _layer(found)[0]
    return sum_of("mxnet", first, second, name, "channels_first")


_SHAPE = r"[(\[]<{}:shape>[)\]]"
_CONCAT = (
    rf"Incompatible input shape: expected {_SHAPE.format('first')}, got {_SHAPE.format('second')}"
)
_OLD_CONCAT = (
    r"Incorrect shape\[[0-9]\]: [(\[]<second:shape>[)\]]\. "
    r"\(first input shape: [(\[]<first:shape>[)\]]\)"
)
_ATTRIBUTE = (
    r"Incompatible attr in node [^\s]{1,120} at [0-9]{1,3}-th input: expected "
    rf"{_SHAPE.format('first')}, got {_SHAPE.format('second')}"
)
_BROADCAST = (
    r"Check failed: l == 1 \|\| r == 1: operands could not be broadcast together with shapes "
    rf"{_SHAPE.format('first')} {_SHAPE.format('second')}"
)

MESSAGES = Messages(
    failures=_FAILURES,
    downstream=(
        MessagePattern(("inconsistent",), _INFERRED, _fully_connected),
        MessagePattern(("Incompatible input shape",), _CONCAT, _joined),
        MessagePattern(("Incorrect shape[",), _OLD_CONCAT, _joined),
        MessagePattern(("Incompatible attr",), _ATTRIBUTE, _sum),
        MessagePattern(("l == 1",), _BROADCAST, _sum),
        MessagePattern(
            ("Cannot reshape",),
            r"Cannot reshape array of size <total:int> into shape [(\[]<target:shape>[)\]]",
            _reshape,
        ),
    ),
    vague=_VAGUE,
)
