"""What each framework says when it raises, word for word, with the reader's numbers.

The tests compare these with the recorded texts. Batch 1; the number of channels is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from poolviz.arithmetic.trace import Trace

_TORCH_SMALL = (
    "Given input size: ({before}). Calculated output size: ({after}). Output size is too small"
)
_TORCH_LIMIT_3D = (
    "input image (T: {n[0]} H: {n[1]} W: {n[2]}) smaller than kernel size "
    "(kT: {k[0]} kH: {k[1]} kW: {k[2]})"
)


def _joined(numbers: Iterable[int], between: str = "x") -> str:
    return between.join(str(number) for number in numbers)


def _max_or_avg(trace: Trace, of_max: str, of_avg: str) -> str:
    return of_max if trace.layer.op == "max" else of_avg


def pytorch(trace: Trace, channels: int) -> str:
    """The RuntimeError or TypeError of torch.nn.functional (2.13.0, CPU)."""
    ndim = len(trace.axes)
    call = f"{_max_or_avg(trace, 'max', 'avg')}_pool{ndim}d"
    refusal = trace.refusals[0] if trace.refusals else None
    if refusal is None:
        return _torch_too_small(trace, channels, call)
    if refusal.parameter == "count_include_pad":
        return f"{call}() got an unexpected keyword argument 'count_include_pad'"
    if refusal.parameter == "dilation":
        return f"{call}() got an unexpected keyword argument 'dilation'"
    if refusal.reason == "empty input":
        return _torch_empty(trace, channels, call)
    if refusal.reason == "not offered":
        position = " (position 4)" if trace.layer.op == "max" else ""
        found = _torch_padding_type(trace)
        return f"{call}(): argument 'padding'{position} must be tuple of ints, {found}"
    if refusal.parameter == "kernel_size":
        return _TORCH_LIMIT_3D.format(n=trace.input_size, k=[a.kernel_size for a in trace.axes])
    return _torch_padding_limit(trace, call)


def _torch_padding_type(trace: Trace) -> str:
    if trace.layer.has_named_padding:
        return "not str"
    if len(trace.axes) == 1 and trace.layer.op == "avg":
        return "not tuple"
    return "but found element of type tuple at pos 0"


def _torch_too_small(trace: Trace, channels: int, call: str) -> str:
    after = [axis.output_size for axis in trace.axes]
    if call == "max_pool1d":
        return f"max_pool1d() Invalid computed output size: {after[0]}"
    middle = [1] if len(trace.axes) == 1 else []
    return _TORCH_SMALL.format(
        before=_joined([channels, *middle, *trace.input_size]),
        after=_joined([channels, *middle, *after]),
    )


def _torch_empty(trace: Trace, channels: int, call: str) -> str:
    shape = [1, channels, *trace.input_size]
    ndim = len(trace.axes)
    if ndim == 3 or call == "avg_pool1d":
        where = f"{call}()" if call != "max_pool3d" else f"{call}_with_indices_out_cpu_template()"
        if ndim == 3:
            # PyTorch names dimension 0 whichever spatial axis is empty.
            return (
                f"{where}: Expected input's non-batch dimensions to have positive length, but "
                f"input has a shape of {shape} and non-batch dimension 0 has length zero!"
            )
        shape = [1, channels, 1, *trace.input_size]
    start = "max_pool1d: Expected 2D or 3D" if call == "max_pool1d" else "Expected 3D or 4D"
    return f"{start} (batch mode) tensor with optional 0 dim batch size for input, but got:{shape}"


def _torch_padding_limit(trace: Trace, call: str) -> str:
    kernel = [axis.kernel_size for axis in trace.axes]
    padding = [axis.padding.before for axis in trace.axes]
    if call == "max_pool1d":
        return (
            "max_pool1d() padding should be at most half of kernel size, but got "
            f"padding={padding[0]} and kernel_size={kernel[0]}"
        )
    for axis in trace.axes:
        if axis.padding.before > axis.effective_kernel_size // 2:
            return (
                "pad should be at most half of effective kernel size, but got "
                f"pad={axis.padding.before}, kernel_size={axis.kernel_size} "
                f"and dilation={axis.dilation}"
            )
    start = "pad should be smaller than or equal to half of kernel size, but got "
    if len(kernel) == 2:
        return (
            f"{start}padW = {padding[1]}, padH = {padding[0]}, kW = {kernel[1]}, kH = {kernel[0]}"
        )
    return (
        f"{start}kT: {kernel[0]} kW: {kernel[2]} kH: {kernel[1]} "
        f"padT: {padding[0]} padW: {padding[2]} padH: {padding[1]}"
    )


def tensorflow(trace: Trace, channels: int) -> str:
    """The ValueError or TypeError of tf.nn with static shapes (2.21.0 and 2.15.1)."""
    if trace.refusals:
        return _tensorflow_refuses(trace)
    axis = trace.failing_axes[0]
    ndim = len(trace.axes)
    kind = _max_or_avg(trace, "Max", "Avg")
    node = f"{kind}Pool{ndim}{'d' if kind == 'Max' and ndim < 3 else 'D'}"
    sizes = [1, *trace.input_size] if ndim == 1 else [*trace.input_size]
    fields = [
        "T=DT_FLOAT",
        f'data_format="{"NDHWC" if ndim == 3 else "NHWC"}"',
        *_explicit_paddings(trace),
        f"ksize={_nhwc(trace, [a.kernel_size for a in trace.axes])}",
        f'padding="{_tensorflow_padding(trace)}"',
        f"strides={_nhwc(trace, [a.stride for a in trace.axes])}",
    ]
    operation = f"{kind}Pool3D" if ndim == 3 else f"{kind}Pool"
    source = f"{node}/ExpandDims" if ndim == 1 else "Placeholder"
    call = f"{{{{node {node}}}}} = {operation}[{', '.join(fields)}]({source})"
    return (
        f"Negative dimension size caused by subtracting {axis.kernel_size} from "
        f"{axis.padded_size} for '{call}' "
        f"with input shapes: [1,{_joined(sizes, ',')},{channels}]."
    )


def _nhwc(trace: Trace, numbers: list[int]) -> list[int]:
    return [1, *([1] if len(trace.axes) == 1 else []), *numbers, 1]


def _tensorflow_padding(trace: Trace) -> str:
    return "EXPLICIT" if _pads_explicitly(trace) else "VALID"


def _pads_explicitly(trace: Trace) -> bool:
    return not (trace.layer.has_named_padding or trace.layer.pads_nothing)


def _explicit_paddings(trace: Trace) -> list[str]:
    ndim = len(trace.axes)
    if trace.layer.op == "avg" or ndim == 3:
        return []
    if not _pads_explicitly(trace):
        return ["explicit_paddings=[]"]
    pads = [number for axis in trace.axes for number in axis.padding]
    lead = [0, 0, 0, 0] if ndim == 1 else [0, 0]
    return [f"explicit_paddings={[*lead, *pads, 0, 0]}"]


def _tensorflow_refuses(trace: Trace) -> str:
    refusal = trace.refusals[0]
    if refusal.parameter != "padding":
        return f"got an unexpected keyword argument '{refusal.parameter}'"
    if trace.layer.has_named_padding:
        return f"Unknown padding: {trace.layer.padding}"
    pairs = [[0, 0], *([*axis.padding] for axis in trace.axes), [0, 0]]
    return f"Expected string for argument 'padding' not {pairs}."


def keras(trace: Trace, channels: int) -> str:
    """The ValueError of a Keras 3.15.1 pooling layer called on keras.Input (first paragraphs)."""
    ndim = len(trace.axes)
    layer = f"{_max_or_avg(trace, 'Max', 'Average')}Pooling{ndim}D"
    start = f"Exception encountered when calling {layer}.call().\n\n"
    if trace.refusals:
        refusal = trace.refusals[0]
        if refusal.parameter != "padding":
            word = refusal.parameter
            return f"Unrecognized keyword arguments passed to {layer}: {{'{word}': …}}"
        got = trace.layer.padding
        if not trace.layer.has_named_padding:
            got = _keras_tuple(axis.padding.before for axis in trace.axes)
        return (
            f"{start}Argument `padding` must be either 'valid' or 'same'. Received: padding={got}"
        )
    shape = " ".join(str(number) for number in ["None", *trace.input_size, channels])
    kernel = _numpy_text([axis.kernel_size for axis in trace.axes])
    stride = _keras_tuple(axis.stride for axis in trace.axes)
    return (
        f"{start}Computed output size would be zero or negative. Received: "
        f"`inputs.shape=[{shape}]`, `pool_size={kernel}`, `strides={stride}`, `padding=valid`."
    )


def _keras_tuple(numbers: Iterable[int]) -> str:
    return str(tuple(numbers))


def _numpy_text(numbers: list[int]) -> str:
    """[24  1]: how numpy prints an array of ints, every entry as wide as the widest."""
    width = max(len(str(number)) for number in numbers)
    return f"[{' '.join(str(number).rjust(width) for number in numbers)}]"


def onnxruntime(trace: Trace, channels: int) -> str:
    """The end of onnxruntime's text (1.32.0): what follows the path of its source file."""
    refusal = trace.refusals[0] if trace.refusals else None
    if refusal is None:
        return (
            "Calculated output dimension is negative. "
            "Check kernel_shape, pads, strides and dilations."
        )
    if refusal.reason == "empty input":
        shape = _joined([1, channels, *trace.input_size], ",")
        return f"Invalid input shape. Only N can be zero. Got:{{{shape}}}"
    if refusal.error == "RuntimeException":
        return "padding values must be non-negative"
    if refusal.parameter == "padding":
        return "Pad should be smaller than kernel."
    return f"Unrecognized attribute: {refusal.parameter}"


def error_text(trace: Trace, channels: int = 1) -> str | None:
    """What the framework of `trace` says when it raises; None where it does not raise."""
    return _TEXTS[trace.layer.framework](trace, channels) if trace.outcome == "raises" else None


_TEXTS: dict[str, Callable[[Trace, int], str | None]] = {
    "pytorch": pytorch,
    "tensorflow": tensorflow,
    "keras": keras,
    "jax": lambda trace, channels: None,
    "onnxruntime": onnxruntime,
}
