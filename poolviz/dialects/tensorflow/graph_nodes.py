"""Operations in TensorFlow messages: a node of a graph with its attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from poolviz.messages.arguments import operation
from poolviz.messages.message import DataFormat, Sizes
from poolviz.messages.pattern import Found, sizes_in

_FORMATS: dict[str, DataFormat] = {
    "NHWC": "channels_last",
    "NDHWC": "channels_last",
    "NCHW": "channels_first",
    "NCDHW": "channels_first",
}
# {{node pool1/MaxPool}} = MaxPool
_NODE = re.compile(
    r"[Nn]ode:?\s{1,4}['\"]?([^\s'\"{}=\[\]()]{1,300})['\"]?\}{0,2}(?:\s=\s(\w{1,60}))?"
)
_LIST = re.compile(r"(\w{1,30})=\[([-0-9,\s]{0,120})\]")  # ksize=[1, 2, 2, 1]
_FORMAT = re.compile(r"data_format=\\?['\"]([A-Z_]{1,12})", re.I)  # data_format="NHWC"
# padding="VALID", also quoted in a text
_PADDING = re.compile(r"padding=\\?b?['\"]([A-Z]{1,12})", re.I)
_SOURCE = re.compile(r"\]\(([^()]{0,300})")  # …](pool1/ExpandDims): the input of the node
_NDIM = re.compile(r"(?:conv|convolution|pool|pooling)_?([123])d", re.I)
# Keras: when calling layer "pool1" (type MaxPooling2D), when calling MaxPooling2D.call().
_LAYER = re.compile(
    r"calling\s{1,9}(?:layer\s{1,9})?['\"]?([\w./-]{1,120}?)['\"]?"
    r"(?:\s{1,9}\(type\s{1,9}(\w{1,60})\))?(?:\.call\(\))?[.:\s]"
)
# The last parts of a node's path that say what it does, not which layer it belongs to.
_GENERIC = re.compile(
    r"(?:Max|Avg)Pool(?:[123][dD])?|Conv[123]D|convolution|depthwise|DepthwiseConv2dNative|"
    r"ExpandDims|Squeeze|BiasAdd|conv|pool|FusedBatchNorm(?:V[23])?",
    re.I,  # a text may be all in small letters
)


_KIND = re.compile(r"= (\w{1,60})\[|\(op: ['\"`](\w{1,60})")


@dataclass(frozen=True, slots=True)
class GraphNode:
    """What a text states about one operation; None or empty where it states nothing."""

    op: str | None = None
    ndim: int | None = None
    is_strip: bool = False  # a 1-D layer: TensorFlow runs it on a map with one row or column
    layer_name: str | None = None
    path: str = ""
    data_format: DataFormat | None = None
    padding: str | None = None
    lists: tuple[tuple[str, Sizes], ...] = ()

    def sizes(self, attribute: str) -> Sizes:
        """Return an attribute that is a list, like ksize."""
        return dict(self.lists).get(attribute, ())


def kind_of(text: str) -> str:
    """Return the operation of a node in lower case: "maxpool", or "" where none is named."""
    kind = _KIND.search(text)
    return (kind[1] or kind[2]).lower() if kind else ""


def node_of(call: str, before: str = "", kind: str = "") -> GraphNode:
    """Parse the operation in `call`: a node with attributes, or only its path.

    `before` may hold Keras' "Exception encountered when calling layer …", `kind` the operation
    where it is named apart.

    >>> node = node_of('{{node a/pool1d}} = MaxPool[ksize=[1, 2, 1, 1]](a/pool1d/ExpandDims)')
    >>> node.op, node.ndim, node.layer_name, node.sizes("ksize")
    ('max', 1, 'pool1d', (1, 2, 1, 1))
    """
    named = _NODE.search(call)
    path = named[1] if named else call.split(" ", 1)[0]
    kind = kind or (named[2] if named else "") or ""
    layer, layer_type = _layer(before)
    source, data_format, padding = (
        pattern.search(call) for pattern in (_SOURCE, _FORMAT, _PADDING)
    )
    named_ndim = _ndim(layer_type or layer) or _ndim(path)
    is_strip = "ExpandDims" in (source[1] if source else "") and named_ndim in (None, 1)
    ndim = 1 if is_strip else named_ndim or _ndim(kind)
    return GraphNode(
        op=operation(kind) or operation(path) or operation(layer_type) or operation(layer),
        ndim=ndim,
        is_strip=ndim == 1,
        layer_name=(layer if layer_type else None) or _layer_name(path),
        path=path,
        data_format=_FORMATS.get(data_format[1].upper()) if data_format else None,
        padding=padding[1].upper() if padding else None,
        lists=tuple((name, sizes_in(sizes)) for name, sizes in _LIST.findall(call)),
    )


def _layer(before: str) -> tuple[str, str]:
    """Name and type of a Keras layer; Keras 3 states only the type, in place of the name."""
    layers = _LAYER.findall(before)
    return layers[-1] if layers else ("", "")


def _ndim(name: str) -> int | None:
    digit = _NDIM.search(name)
    return int(digit[1]) if digit else None


def _layer_name(path: str) -> str | None:
    """Return the part of a path that names the layer; None for a bare operation.

    >>> _layer_name("sequential/conv1d_3/convolution/Conv2D"), _layer_name("MaxPool")
    ('conv1d_3', None)
    """
    parts = [part for part in path.split("/") if part]
    while len(parts) > 1 and _GENERIC.fullmatch(parts[-1]):
        parts.pop()
    # Keras 1 and 2 gave a 1-D layer a separate scope: conv1d_3/conv1d/Conv2D.
    if len(parts) > 1 and re.match(rf"{re.escape(parts[-1])}(?:_[0-9]+)?$", parts[-2]):
        parts.pop()
    if not parts or _GENERIC.fullmatch(parts[-1]) or not re.fullmatch(r"[\w.-]+", parts[-1]):
        return None
    return parts[-1]


# Names that Keras gives to its layers, the words around its calls, and its files.
_KERAS_NAME = re.compile(
    r"(?:^|[/{\s])(?:conv[123]d|(?:max|average)_pooling[123]d|separable_conv[12]d|"
    r"depthwise_conv[12]d|conv[23]d_transpose|conv1d_transpose|sequential|functional|model|compile_loss)(?:_[0-9]{1,4})?/"
    r"|flatten_[0-9]{1,4}/"
)
_KERAS_WORDS = re.compile(
    r"rguments\s{1,9}received\s{1,9}by|when\s{1,9}calling\s{1,9}(?:layer\s{1,9})?['\"]?\w{1,80}|"
    r"keras[/\\](?:src[/\\])?\w|"
    r"\bkeras\.(?:layers|Model|Sequential|engine)|from keras|KerasTensor"
)


def keras_code(found: Found, node: GraphNode) -> str | None:
    """Return "keras" where the text shows that the failing layer is one of Keras.

    Its default names, its frames in a traceback, and the sentence that it puts around an error
    show it; `node` is the failing operation.
    """
    around = found.before(2_000)[-2_000:] + found.match[0] + found.after(1_500)
    if node.padding == "EXPLICIT":
        return None
    is_named = _KERAS_NAME.search(f"{found.match[0]} {node.path}/")
    return "keras" if is_named or _KERAS_WORDS.search(around) else None


def keras_layer(before: str) -> GraphNode:
    """Parse "Exception encountered when calling MaxPooling2D.call()" and its older forms."""
    layer, layer_type = _layer(before)
    kind = layer_type or layer
    ndim = _ndim(kind)
    return GraphNode(
        op=operation(kind),
        ndim=ndim,
        is_strip=ndim == 1,
        layer_name=layer if layer_type else None,
    )
