"""Questions about what a message states, and what it leaves open."""

from __future__ import annotations

from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, trace
from poolviz.exercises.answers.catalogue import Word
from poolviz.exercises.answers.choices import Option, Several
from poolviz.exercises.answers.forms import Numbers, exact
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.questions.limits import largest, whole_that_works
from poolviz.exercises.questions.messages import KIND, as_raised
from poolviz.exercises.questions.sizes import facts
from poolviz.exercises.reasons import of_parts, reason
from poolviz.reading.messages import decode


@template("11", 1, KIND)
def sequence_message_numbers(draw: Draw) -> Case | None:
    """TensorFlow's message about a sequence: kernel, stride and length among many ones."""
    kernel, channels = draw.number(3, 9), draw.one_of((16, 32, 64, 128))
    size, stride = draw.number(2, kernel - 1), draw.number(2, kernel)
    traced = trace(Pool((kernel,), stride, framework="tensorflow"), size)
    rules = {
        "kernel_and_input_swapped": (size, stride, kernel),
        "channels_for_input": (kernel, stride, channels),
        "one_for_input": (kernel, stride, 1),
    }
    if stride != kernel:
        rules["kernel_and_stride_swapped"] = (stride, kernel, size)
    return Case(
        form=Numbers(("kernel", "stride", "length")),
        right=exact(kernel, stride, size),
        why=of_parts(exact(kernel, stride, size), as_raised(traced, channels)),
        fields={**facts(traced), "kernel": kernel, "stride": stride, "arrives": size},
        listed=tuple(number_slip(name, value) for name, value in rules.items()),
        block=as_raised(traced, channels),
        layer=traced.layer,
        input_size=traced.input_size,
        drawn_later=True,
    )


@template("11", 2, KIND)
def padding_in_a_message(draw: Draw) -> Case | None:
    """The message "pad should be smaller than or equal to half of kernel size"."""
    kernel = draw.number(2, 14)
    layer = Pool(kernel, stride=draw.number(1, 2), padding=kernel // 2 + draw.number(1, 3))
    traced = trace(layer, 32)

    def works(padding: int) -> bool:
        return padding >= 0 and trace(Pool(kernel, padding=padding), 32).outcome == "ok"

    right = largest(works)
    assert right is not None
    said = traced.axes[0].padding.before
    return Case(
        form=Numbers(),
        right=exact(right),
        fields={**facts(traced), "right": right, "extreme": Word("largest")},
        listed=(
            number_slip("half_of_padding", said // 2),
            # −1 where the rule happens to be right: nobody answers it, and the case stays clear.
            number_slip("one_less_padding", said - 1 if said - 1 != right else -1),
            number_slip("kernel_minus_one", kernel - 1),
        ),
        works=whole_that_works(works),
        why=lambda value: (
            reason("works_too", value[0] + 1)
            if works(int(value[0]))
            else reason("not_half", int(value[0]), twice=2 * int(value[0]))
        ),
        block=as_raised(traced, 1),
        layer=traced.layer,
        input_size=traced.input_size,
        drawn_later=True,
    )


FACTS = ("kernel", "stride", "arrives", "model_input")


@template("11", 2, KIND)
def message_leaves_open(draw: Draw) -> Case | None:
    """Each framework's message names other numbers; none of them knows the whole model."""
    framework = draw.framework(("pytorch", "tensorflow", "keras"))
    kernel, stride = draw.number(4, 9), draw.number(2, 3)
    size = draw.number(1, kernel - 1)
    sizes = (size,) if draw.number(0, 1) else (size, draw.number(kernel + 10, 40))
    traced = trace(Pool((kernel,) * len(sizes), stride, framework=framework), sizes)
    channels = draw.one_of((32, 64, 128))
    right = _named(traced, channels)
    layer_facts = frozenset(FACTS[:3])
    slips = {
        "message_knows_the_model": right | {"model_input"},
        "message_says_all": layer_facts,
        "stride_overlooked": right - {"stride"},
    }
    return Case(
        form=Several(tuple(Option(key, Word(key)) for key in FACTS)),
        right=right,
        fields={"framework": traced.framework.title, "count": len(right)},
        listed=tuple(Slip(name, value) for name, value in slips.items() if value != right),
        block=as_raised(traced, channels),
        layer=traced.layer,
        input_size=traced.input_size,
        drawn_later=True,
    )


def _named(traced: Trace, channels: int) -> frozenset[str]:
    """Return the numbers of the layer that its message states."""
    message = decode(as_raised(traced, channels))
    assert message is not None
    axis = message.axes[0]
    found = (axis.kernel_size, axis.stride, axis.input_size)
    return frozenset(key for key, value in zip(FACTS, found, strict=False) if value is not None)


TEMPLATES = (sequence_message_numbers, padding_in_a_message, message_leaves_open)
