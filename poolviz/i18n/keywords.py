"""Answers to wrong keywords: the right word, in place of Python's "unexpected keyword argument"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from inspect import Parameter, signature
from typing import Any, NoReturn, TypeVar

# The words of the frameworks; a test compares those of `Pool` with their `vocabulary`.
_OTHER_WORDS = {
    "kernel_size": ("pool_size", "window_shape", "ksize", "kernel_shape", "filter_size", "kernel"),
    "stride": ("strides", "window_strides", "subsample"),
    "padding": ("pads", "pad"),
    "dilation": ("dilations", "dilation_rate", "window_dilation", "kernel_dilation"),
    "ceil_mode": ("ceil",),
    "op": ("mode", "pool_type", "kind"),
    "out_channels": ("filters", "features", "num_filters", "out_features", "units"),
    "in_channels": ("in_features", "input_channels"),
    "out_features": ("units", "features", "out_channels", "output_dim", "out_units"),
    "in_features": ("in_channels", "input_dim", "in_units"),
    "groups": ("group", "feature_group_count"),
    "bias": ("use_bias",),
    "scale_factor": ("size", "scales"),
    "shape": ("target_shape", "newshape"),
    "framework": ("backend", "library", "version"),
    "input_shape": ("input_size", "shape", "input_dims", "input"),
    "input_size": ("input_shape", "size", "shape", "input"),
    "input_size_or_array": ("input_size", "input_shape", "input", "x", "array"),
    "layer": ("pool", "module", "model"),
    "layers": ("model", "network", "modules"),
    "model": ("network", "net", "layers", "stack"),
    "stack": ("model", "network", "layers"),
    "text": ("code", "source", "message", "error"),
    "x": ("input", "array", "data", "values"),
    "given": ("input_shape", "input_size", "shape", "batch"),
    "to": ("framework", "target"),
    "id": ("name", "exercise"),
    "theme": ("dark", "style"),
    "language": ("lang", "locale"),
}
_OF_LAYERS = {  # of the frameworks' layers, without a counterpart here
    r"padding_mode|activation|return_indices|dtype|device|trainable|\w+_(init(ializer)?|"
    r"regularizer|constraint)": "it changes no size, so leave it out",
    "data_format": "the order of axes is that of the network: Stack(…, data_format=…)",
    "output_size": "output_padding=1 adds an element at the end",
}
_OF_A_LAYER = ("framework", "kernel_size", "stride", "padding", "dilation", "ceil_mode")
_Called = TypeVar("_Called", bound=Callable[..., Any])


def answers_keywords(
    *, more: Callable[[], Iterable[str]] | None = None
) -> Callable[[_Called], _Called]:
    """Make a public function or class name the parameter that a wrong keyword stands for.

    `more` returns the keywords that a `**` parameter takes; without it, such a call is its own.

    >>> @answers_keywords()
    ... def pad(size, padding=0): ...
    >>> pad(3, paddin=1)
    Traceback (most recent call last):
    TypeError: pad has no parameter 'paddin'; did you mean padding?
    """

    def decorate(called: _Called) -> _Called:
        if isinstance(called, type):
            maker = "__new__" if issubclass(called, tuple) else "__init__"
            setattr(called, maker, _answering(getattr(called, maker), called.__name__, more))
            return called
        return _answering(called, called.__name__, more)

    return decorate


def _answering(called: _Called, name: str, more: Callable[[], Iterable[str]] | None) -> _Called:
    parameters = signature(called).parameters
    own = [
        key
        for key, one in parameters.items()
        if one.kind in _BY_NAME and key not in ("self", "_cls")
    ]

    @wraps(called)
    def answering(*args: object, **given: object) -> object:
        if not given.keys() <= known:
            words = [*own, *(more() if more else ())]
            wrong = [word for word in given if word not in words]
            if wrong:
                reject_keyword(name, wrong[0], words)
        return called(*args, **given)

    known = set(own)
    return answering  # type: ignore[return-value]


_CLASSES = {  # of the frameworks, and what stands for them here
    r"(Fractional)?(Max|Avg|Average)_?Pool(ing)?_?\d?d?": "Pool",
    r"LPPool\dd": 'Pool(op="lp")',
    r"Adaptive\w*Pool\w*": "AdaptivePool",
    r"Global\w*Pool\w*": "GlobalPool",
    r"(Lazy|Separable)?Conv\d?d?|Convolution\dD": "Conv",
    r"DepthwiseConv\dD": "DepthwiseConv",
    r"(Lazy)?Conv(Transpose\dd|\dDTranspose)": "ConvTranspose",
    r"Dense|LazyLinear|Gemm": "Linear",
    r"(Zero|Reflection|Replication|Circular)?Pad(ding)?\d?d?": "ZeroPad",
    r"Cropping\dD": "Crop",
    r"UpSampling\dD|Upsampling\w*|Resize": "Upsample",
    r"(Lazy)?(Batch|Layer|Group|Instance)Norm(alization)?(\dd)?|(Leaky)?ReLU|GELU|Sigmoid|Tanh|"
    r"Softmax|Dropout\d?d?|Activation": "Identity",
    r"Sequential|Model|Module|summary": "Stack or read_model",
    r"explorer|Explorer|show|visuali[sz]e|plot": "PoolExplorer",
}


def missing_name(name: str, known: Iterable[str]) -> str:
    """Return what an AttributeError says of a public name that is not there.

    >>> missing_name("MaxPool2d", ["Pool", "Conv"])
    "module 'poolviz' has no attribute 'MaxPool2d'; here it is Pool"
    """
    says = f"module 'poolviz' has no attribute {name!r}"
    for pattern, here in _CLASSES.items():
        if re.fullmatch(pattern, name, re.IGNORECASE):
            return f"{says}; here it is {here}"
    return says + meant(name, list(known))


_BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


def reject_keyword(called: str, word: str, known: Iterable[str]) -> NoReturn:
    """Raise a TypeError with the parameter that has a framework's word, or a name near to it."""
    words = list(known)
    answer = meant(word, words) or f"; it has {', '.join(words)}"
    raise TypeError(f"{called} has no parameter {word!r}{answer}")


def meant(word: str, known: Sequence[str]) -> str:
    """Return which of the known names a word stands for or looks like, as the end of a sentence.

    >>> meant("strides", ["kernel_size", "stride"]), meant("strid", ["kernel_size", "stride"])
    ('; here it is stride', '; did you mean stride?')
    """
    for parameter, others in _OTHER_WORDS.items():
        if word in others and parameter in known:
            return f"; here it is {parameter}"
    if word in _OF_A_LAYER and known and known[0] in ("layer", "asked", "x"):
        return f"; it is a parameter of the layer: Pool(…, {word}=…)"
    if "kernel_size" in known:
        for pattern, answer in _OF_LAYERS.items():
            if re.fullmatch(pattern, word):
                return f"; {answer}"
    from difflib import get_close_matches  # only needed here, and slow to import

    near = [] if word.startswith("_") else get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
