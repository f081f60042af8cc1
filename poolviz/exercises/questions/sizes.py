"""Questions about the output size: the formula, its rounding, padding and defaults."""

from __future__ import annotations

from collections.abc import Iterable

from poolviz.arithmetic.call import trace
from poolviz.arithmetic.framework_names import COMPARED
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.versions import title_of
from poolviz.diagnosis.phrases import by, per_axis
from poolviz.dialects.common.dialect import trace_code
from poolviz.exercises import misconceptions as wrong
from poolviz.exercises.answers.catalogue import Field
from poolviz.exercises.answers.forms import RAISES, Numbers, exact
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.misconceptions import SIZE_RULES, Rule, size_slips
from poolviz.exercises.reasons import of_quotient, of_sizes

KIND = "predict a size"


def facts(traced: Trace) -> dict[str, Field]:
    """Return the numbers of a call under their names in the texts."""
    axis = traced.axes[0]
    found: dict[str, Field] = {
        "call": trace_code(traced),
        "framework": title_of(traced),
        "input": by(traced.input_size),
        "output": by(traced.output_size),
        "n": per_axis(traced.input_size),
        "k": per_axis([each.kernel_size for each in traced.axes]),
        "s": per_axis([each.stride for each in traced.axes]),
        "d": axis.dilation,
        "p": axis.padding.before,
        "span": axis.effective_kernel_size,
        "padded": axis.padded_size,
        "missing": axis.missing,
        "formula": axis.formula,
    }
    return found | {f"{each.name}_formula": each.formula for each in traced.axes}


def size_case(
    layer: Pool | Conv, size: int | tuple[int, ...], listed: Iterable[Rule]
) -> Case | None:
    """Return a question about the output size of a call that works."""
    traced = trace(layer, size)
    if traced.outcome != "ok":
        return None
    is_alike = len({axis.formula for axis in traced.axes}) == 1
    form = Numbers(tuple(axis.name for axis in traced.axes), one_for_all=is_alike)
    return Case(
        form=form,
        right=exact(*(traced.returned_size or ())),
        fields=facts(traced),
        listed=size_slips(listed, traced),
        others=(*size_slips(SIZE_RULES, traced), Slip(_why_it_runs(traced), RAISES)),
        why=of_sizes(traced.axes),
        layer=traced.layer,
        input_size=traced.input_size,
    )


def _why_it_runs(traced: Trace) -> str:
    """Return the name of the wrong rule behind "an error" for a call that works."""
    if any(axis.is_same for axis in traced.axes):
        return "same_can_fail"
    over = any(axis.stride > axis.input_size for axis in traced.axes)
    return "stride_must_fit" if over else "kernel_fits"


@template("00", 1, KIND)
def size_plain(draw: Draw) -> Case | None:
    """Kernel and stride, no padding."""
    layer = Pool(draw.number(2, 4), stride=draw.number(2, 3))
    listed = (wrong.no_plus_one, wrong.stride_one, wrong.rounded_up, wrong.not_rounded)
    return size_case(layer, draw.number(7, 16), listed)


@template("00", 1, KIND)
def size_padded(draw: Draw) -> Case | None:
    """The same with padding."""
    kernel = draw.number(2, 7)
    layer = Pool(kernel, stride=draw.number(1, 3), padding=draw.number(1, max(1, kernel // 2)))
    listed = (wrong.no_plus_one, wrong.no_padding, wrong.padding_once)
    return size_case(layer, draw.number(7, 32), listed)


@template("00", 2, KIND)
def size_two_axes(draw: Draw) -> Case | None:
    """Different numbers for height and width."""
    layer = Pool((draw.number(2, 4), draw.number(2, 4)), stride=draw.number(1, 3))
    sizes = (draw.number(6, 14), draw.number(10, 28))
    return size_case(layer, sizes, (wrong.axes_swapped, wrong.no_plus_one))


@template("01", 2, KIND)
def size_dilated(draw: Draw) -> Case | None:
    """A dilated kernel."""
    layer = Pool(draw.number(2, 4), stride=draw.number(1, 2), dilation=draw.number(2, 4))
    listed = (
        wrong.dilation_ignored,
        wrong.dilation_times_kernel,
        wrong.dilation_without_plus_one,
        wrong.no_plus_one,
    )
    return size_case(layer, draw.number(12, 24), listed)


@template("02", 1, KIND)
def stride_larger_than_input(draw: Draw) -> Case | None:
    """A stride larger than the input leaves one window."""
    size = draw.number(8, 14)
    layer = Pool(draw.number(2, 5), stride=draw.one_of((20, 50, 100, 1000)))
    return size_case(layer, size, (wrong.no_plus_one, wrong.kernel_and_stride_swapped))


@template("03", 1, KIND)
def same_size(draw: Draw) -> Case | None:
    """The input divided by the stride, rounded up."""
    stride = draw.number(2, 4)
    framework = draw.framework(("keras", "tensorflow", "jax"))
    layer = Pool(draw.number(2, 5), stride, padding="same", framework=framework)
    listed = (wrong.same_keeps_the_size, wrong.same_rounded_down, wrong.same_without_padding)
    return size_case(layer, draw.number(9, 33), listed)


@template("03", 2, KIND)
def same_default_stride(draw: Draw) -> Case | None:
    """Padding "same" without a stride: it is the kernel in Keras."""
    layer = Pool(draw.number(2, 5), padding="same", framework="keras")
    return size_case(layer, draw.number(9, 33), (wrong.stride_one, wrong.same_rounded_down))


@template("09", 1, KIND)
def sequence_length(draw: Draw) -> Case | None:
    """One axis."""
    layer = Pool((draw.number(3, 8),), draw.number(2, 5))
    listed = (wrong.no_plus_one, wrong.rounded_up, wrong.stride_is_kernel)
    return size_case(layer, draw.number(20, 120), listed)


@template("10", 1, KIND)
def default_stride(draw: Draw) -> Case | None:
    """A call without a stride: each framework has its own default."""
    framework = draw.framework(COMPARED)
    is_kernel = FRAMEWORKS[framework].default_stride_is_kernel
    layer = Pool(draw.number(2, 5), framework=framework)
    other = wrong.stride_one if is_kernel else wrong.stride_is_kernel
    return size_case(layer, draw.number(8, 20), (other, wrong.no_plus_one))


@template("10", 2, KIND)
def ceil_mode_size(draw: Draw) -> Case | None:
    """Rounded up."""
    layer = Pool(draw.number(2, 4), stride=draw.number(2, 4), ceil_mode=True)
    size = draw.number(7, 24)
    # The dropped window has a separate exercise: `ceil_mode_dropped`.
    if any(axis.drops_last for axis in trace(layer, size).axes):
        return None
    return size_case(layer, size, (wrong.rounded_down, wrong.not_rounded))


@template("10", 3, KIND)
def ceil_mode_dropped(draw: Draw) -> Case | None:
    """Rounded up, without the window that starts in the padding."""
    layer = Pool(draw.number(2, 3), draw.number(2, 5), padding=1, ceil_mode=True)
    size = draw.number(5, 24)
    return size_case(layer, size, (wrong.window_in_the_padding, wrong.not_rounded))


@template("13", 3, KIND)
def size_with_everything(draw: Draw) -> Case | None:
    """Stride, padding and dilation on two unequal axes."""
    kernel = draw.number(3, 5)
    layer = Pool(kernel, draw.number(2, 3), padding=1, dilation=2)
    listed = (wrong.dilation_ignored, wrong.padding_once, wrong.no_plus_one)
    return size_case(layer, (draw.number(10, 20), draw.number(21, 40)), listed)


# --- sizes below zero ----------------------------------------------------------------------------


@template("01", 1, "use the formula")
def formula_below_zero(draw: Draw) -> Case | None:
    """A kernel that does not fit: the size that the formula gives anyway."""
    size = draw.number(3, 10)
    layer = Pool((size + draw.number(3, 9),), stride=draw.number(1, 4))
    traced = trace(layer, size)
    listed: tuple[Rule, ...] = (wrong.not_below_zero, wrong.no_plus_one)
    if traced.axes[0].stride > 1:  # else nothing is rounded
        listed += (wrong.rounded_towards_zero,)
    return Case(
        form=Numbers(),
        right=exact(*traced.output_size),
        why=of_sizes(traced.axes),
        fields=facts(traced),
        listed=size_slips(listed, traced),
        others=(
            wrong.number_slip("sign_lost", -traced.output_size[0]),
            *size_slips(SIZE_RULES, traced),
        ),
        layer=layer,
        input_size=traced.input_size,
    )


@template("05", 3, "predict an outcome")
def truncated_size(draw: Draw) -> Case | None:
    """onnxruntime rounds towards zero."""
    size = draw.number(3, 8)
    kernel, stride = size + draw.number(1, 4), draw.number(1, 6)
    layer = Pool(kernel, stride, framework="onnxruntime")
    traced = trace(layer, size)
    if traced.returned_size is None:
        return None
    return Case(
        form=Numbers(("height", "width"), one_for_all=True),
        right=exact(*traced.returned_size),
        why=lambda value: of_quotient(traced.axes[0], int(value[0])),
        fields=facts(traced),
        listed=size_slips((wrong.rounded_down,), traced),
        others=size_slips(SIZE_RULES, traced),
        layer=traced.layer,
        input_size=traced.input_size,
    )


TEMPLATES = (
    size_plain,
    size_padded,
    size_two_axes,
    size_dilated,
    formula_below_zero,
    stride_larger_than_input,
    same_size,
    same_default_stride,
    truncated_size,
    sequence_length,
    default_stride,
    ceil_mode_size,
    ceil_mode_dropped,
    size_with_everything,
)
