"""Questions about what a framework does: raise, return a size or an empty map, reject."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from poolviz.arithmetic.framework_names import COMPARED
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, trace
from poolviz.arithmetic.versions import title_of
from poolviz.diagnosis.phrases import by, joined
from poolviz.dialects.common.dialect import call_code
from poolviz.exercises.answers.catalogue import Word
from poolviz.exercises.answers.choices import Choice, Option, Several
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.misconceptions import rounded_up
from poolviz.exercises.questions.sizes import facts

KIND = "predict an outcome"
RAISES = Option("raises", Word("raises"))


def outcome_key(traced: Trace) -> str:
    """Return the key of an outcome: "raises", or the returned size as in "0x14"."""
    returned = traced.returned_size
    return "raises" if returned is None else "x".join(map(str, returned))


def _size_option(key: str) -> Option:
    sizes = tuple(map(int, key.split("x")))
    square = (str(sizes[0]),) if len(set(sizes)) == 1 else ()
    return Option(key, by(sizes), (key, *square))


def outcome_form(keys: Iterable[str]) -> Choice:
    """Return the choice between outcomes: an error first, then the sizes in order."""
    sizes = sorted(set(keys) - {"raises"}, key=lambda key: tuple(map(int, key.split("x"))))
    return Choice((RAISES, *map(_size_option, sizes)))


def in_every_framework(layer: Pool, sizes: tuple[int, ...]) -> dict[str, Trace]:
    """Return the same call in each framework, with its stride written out."""
    return {name: trace(replace(layer, framework=name), sizes) for name in COMPARED}


def _outcome_case(traced: Trace, slips: Iterable[Slip]) -> Case:
    listed = tuple(slips)
    right = outcome_key(traced)
    return Case(
        form=outcome_form([right, "raises", *(slip.value for slip in listed if slip.value)]),
        right=right,
        fields={**facts(traced), "says": Word("raises") if right == "raises" else _shown(right)},
        listed=listed,
        layer=traced.layer,
        input_size=traced.input_size,
    )


def _shown(key: str) -> str:
    return by(tuple(map(int, key.split("x"))))


@template("05", 1, KIND)
def kernel_too_large(draw: Draw) -> Case | None:
    """A map with a small height or width, in one of five frameworks."""
    kernel = draw.number(2, 4)
    layer = Pool(kernel, stride=kernel)
    small, large = draw.number(1, kernel - 1), draw.number(6, 30)
    sizes = draw.one_of(((small, large), (large, small)))
    found = in_every_framework(layer, sizes)
    framework = draw.framework(found)
    groups: dict[str, list[str]] = {}
    for traced in found.values():
        groups.setdefault(outcome_key(traced), []).append(title_of(traced))
    right = outcome_key(found[framework])
    slips = (
        Slip("another_framework", key, {"others": joined(titles)})
        for key, titles in groups.items()
        if key != right
    )
    return _outcome_case(found[framework], slips)


@template("02", 1, KIND)
def stride_over_the_input(draw: Draw) -> Case | None:
    """A stride that is larger than the input."""
    size, kernel = draw.number(6, 12), draw.number(2, 4)
    framework = draw.framework(("pytorch", "keras", "tensorflow"))
    traced = trace(Pool(kernel, size + draw.number(1, 9), framework=framework), size)
    return _outcome_case(traced, (Slip("stride_must_fit", "raises"), Slip("no_plus_one", "0x0")))


@template("12", 1, KIND)
def division_with_a_rest(draw: Draw) -> Case | None:
    """A stride that does not divide."""
    size, kernel, stride = draw.number(7, 16), draw.number(2, 4), draw.number(2, 4)
    framework = draw.framework(("pytorch", "keras", "tensorflow", "jax"))
    traced = trace(Pool(kernel, stride, framework=framework), size)
    up = rounded_up(traced)
    slips = (
        Slip("division_must_be_exact", "raises"),
        Slip("rounded_up", "x".join(map(str, up or ()))),
    )
    return _outcome_case(traced, slips)


@template("03", 2, KIND)
def same_with_a_large_kernel(draw: Draw) -> Case | None:
    """Padding "same" with a kernel larger than the input."""
    size, stride = draw.number(3, 8), draw.number(2, 3)
    framework = draw.framework(("keras", "tensorflow", "jax"))
    layer = Pool(size + draw.number(1, 8), stride, padding="same", framework=framework)
    traced = trace(layer, size)
    slips = (
        Slip("same_can_fail", "raises"),
        Slip("same_keeps_the_size", f"{size}x{size}"),
    )
    return _outcome_case(traced, slips)


@template("12", 2, KIND)
def smaller_stride(draw: Draw) -> Case | None:
    """A kernel that does not fit, and the advice to make the stride smaller."""
    size = draw.number(4, 9)
    kernel = size + draw.number(1, 4)
    framework = draw.framework(("pytorch", "keras", "tensorflow", "jax"))
    traced = trace(Pool(kernel, stride=1, framework=framework), size)
    slips = [Slip("stride_does_not_help", "1x1")]
    if outcome_key(traced) == "raises":
        slips.append(Slip("another_framework", "0x0", {"others": "JAX"}))
    else:
        others = "PyTorch, TensorFlow, Keras"
        slips.append(Slip("another_framework", "raises", {"others": others}))
    return _outcome_case(traced, slips)


# --- all frameworks at once ----------------------------------------------------------------------

WHICH = "predict an outcome per framework"


def frameworks_form() -> Several:
    """Return the choice of any number of the five frameworks."""
    return Several(tuple(Option(name, FRAMEWORKS[name].title, (name,)) for name in COMPARED))


def _which_case(
    found: dict[str, Trace], chosen: Iterable[str], traced: Trace, slips: dict[str, frozenset[str]]
) -> Case:
    right = frozenset(chosen)
    titles = [FRAMEWORKS[name].title for name in COMPARED if name in right]
    listed = {name: value for name, value in slips.items() if value != right}
    return Case(
        form=frameworks_form(),
        right=right,
        fields={**facts(traced), "right": ", ".join(titles) or "–"},
        listed=tuple(Slip(name, value) for name, value in listed.items()),
        layer=traced.layer,
        input_size=traced.input_size,
    )


ALL = frozenset(COMPARED)


def _accepting(found: dict[str, Trace]) -> frozenset[str]:
    return frozenset(name for name, traced in found.items() if not traced.refusals)


@template("04", 2, WHICH)
def who_takes_the_padding(draw: Draw) -> Case | None:
    """A padding below or above the limits of the frameworks."""
    kernel = draw.number(2, 9)
    padding = draw.number(1, kernel)
    found = in_every_framework(Pool(kernel, 2, padding), (12, 12))
    slips = {
        "every_framework": ALL,
        "only_pytorch": frozenset({"pytorch"}),
        "limit_of_pytorch_forgotten": ALL - {"keras"},
        "keras_takes_numbers": ALL - {"pytorch"},
    }
    right = _accepting(found)
    limit = {"half": kernel // 2, "p": padding, "k": kernel}
    case = _which_case(found, right, found["pytorch"], slips)
    return replace(case, fields={**case.fields, **limit})


@template("10", 2, WHICH)
def who_has_the_argument(draw: Draw) -> Case | None:
    """ceil_mode or dilation, which some frameworks do not have."""
    kernel = draw.number(2, 4)
    layer = draw.one_of((Pool(kernel, 2, ceil_mode=True), Pool(kernel, 2, dilation=2)))
    found = in_every_framework(layer, (draw.number(9, 20),) * 2)
    slips = {"every_framework": ALL, "only_pytorch": frozenset({"pytorch"})}
    return _which_case(found, _accepting(found), found["pytorch"], slips)


@template("05", 2, WHICH)
def who_raises(draw: Draw) -> Case | None:
    """A kernel that does not fit: which frameworks raise?"""
    size = draw.number(3, 8)
    layer = Pool(size + draw.number(1, 5), stride=draw.number(1, 6))
    found = in_every_framework(layer, (size, size))
    right = frozenset(name for name, traced in found.items() if traced.outcome == "raises")
    slips = {
        "every_framework": ALL,
        "only_pytorch": frozenset({"pytorch"}),
        "raising_and_silent_swapped": ALL - right,
    }
    return _which_case(found, right, found["pytorch"], slips)


# --- below zero ----------------------------------------------------------------------------------


@template("05", 2, "use the formula")
def zero_or_negative(draw: Draw) -> Case | None:
    """The sign of the size that the formula gives."""
    size = draw.number(2, 9)
    layer = Pool((size + draw.number(1, 6),), stride=draw.number(1, 6))
    traced = trace(layer, size)
    value = traced.output_size[0]
    keys = {-1: "negative", 0: "zero", 1: "positive"}

    def sign(number: int) -> str:
        return keys[(number > 0) - (number < 0)]

    right = sign(value)
    slips = {
        "negative": "no_plus_one",
        "zero": "rounded_towards_zero",
        "positive": "not_rounded_down",
    }
    listed = [Slip(name, key) for key, name in slips.items() if key != right]
    return Case(
        form=Choice(tuple(Option(key, Word(key)) for key in keys.values())),
        right=right,
        fields={**facts(traced), "value": value, "says": Word(right)},
        listed=tuple(listed),
        layer=layer,
        input_size=traced.input_size,
    )


# --- which change helps --------------------------------------------------------------------------


@template("04", 2, "find the smallest fix")
def change_that_helps(draw: Draw) -> Case | None:
    """Four changes of a call that fails; each is run, and one of them works."""
    size = draw.number(3, 12)
    kernel = size + 2 + draw.number(1, 2)
    layer = Pool(kernel, stride=draw.number(2, 4), padding=1)
    changes = {
        "less_padding_helps": replace(layer, padding=0),
        "stride_does_not_help": replace(layer, stride=1),
        "larger_stride_helps": replace(layer, stride=kernel),
        "enough_padding": replace(layer, padding=-(-(kernel - size) // 2)),
    }
    working = [name for name, changed in changes.items() if trace(changed, size).outcome == "ok"]
    if working != ["enough_padding"]:
        return None
    calls = {name: call_code(changed, 2) for name, changed in changes.items()}
    traced, fixed = trace(layer, size), trace(changes["enough_padding"], size)
    right = calls["enough_padding"]
    return Case(
        form=Choice(tuple(Option(call, f"`{call}`") for call in sorted(calls.values()))),
        right=right,
        fields={**facts(traced), "right": right, "fixed": fixed.axes[0].formula},
        listed=tuple(Slip(name, call) for name, call in calls.items() if name not in working),
        layer=traced.layer,
        input_size=traced.input_size,
    )


TEMPLATES = (
    stride_over_the_input,
    same_with_a_large_kernel,
    who_takes_the_padding,
    change_that_helps,
    kernel_too_large,
    zero_or_negative,
    who_raises,
    who_has_the_argument,
    division_with_a_rest,
    smaller_stride,
)
