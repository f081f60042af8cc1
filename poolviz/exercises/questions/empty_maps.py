"""Questions about empty maps: how many numbers they hold, and what the next step returns."""

from __future__ import annotations

from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import trace
from poolviz.exercises.answers.catalogue import Word
from poolviz.exercises.answers.choices import Choice, Option
from poolviz.exercises.answers.forms import Numbers, exact
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.misconceptions import number_slip
from poolviz.exercises.questions.sizes import facts
from poolviz.exercises.reasons import reason


@template("05", 1, "use the formula")
def numbers_in_an_empty_map(draw: Draw) -> Case | None:
    """One axis of size 0 is enough."""
    kernel, channels = draw.number(2, 4), draw.one_of((3, 8, 16, 32))
    layer = Pool(kernel, kernel, framework="jax")
    traced = trace(layer, (draw.number(1, kernel - 1), draw.number(8, 30)))
    if traced.returned_size is None:
        return None
    height, width = traced.returned_size
    return Case(
        form=Numbers(),
        right=exact(height * width * channels),
        fields={**facts(traced), "channels": channels, "height": height, "width": width},
        listed=(
            number_slip("only_the_other_axis", width * channels),
            number_slip("channels_forgotten", width),
        ),
        why=lambda value: reason("numbers_need_windows", int(value[0])),
        layer=traced.layer,
        input_size=traced.input_size,
    )


# --- the next step -------------------------------------------------------------------------------

STEPS = ("step_dense", "step_sum", "step_mean", "step_largest")
OUTCOMES = ("raises", "no_number", "zeros", "not_a_number")
SLIPS = {
    "raises": "empty_is_an_error",
    "no_number": "nothing_comes_out",
    "zeros": "zero_comes_out",
    "not_a_number": "nan_comes_out",
}


@template("05", 2, "predict an outcome")
def after_an_empty_map(draw: Draw) -> Case | None:
    """The result of numpy for an empty array: zeros, `nan`, or an error."""
    step = draw.one_of(STEPS)
    right = _outcome(step, [])
    return Case(
        form=Choice(tuple(Option(key, Word(key)) for key in OUTCOMES)),
        right=right,
        fields={
            "shape": (draw.number(0, 3), 0),
            "channels": draw.one_of((4, 8, 16, 32)),
            "step": Word(step),
            "says": Word(right),
        },
        listed=tuple(Slip(name, key) for key, name in SLIPS.items() if key != right),
    )


def _outcome(step: str, numbers: list[float]) -> str:
    """Return the result for no numbers, as in numpy."""
    if step == "step_largest":
        return "largest" if numbers else "raises"
    if step == "step_mean" and not numbers:
        return "not_a_number"
    return "zeros" if sum(numbers) == 0 else "numbers"


TEMPLATES = (numbers_in_an_empty_map, after_an_empty_map)
