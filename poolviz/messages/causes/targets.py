"""An output and a target that do not go together: rows, classes, labels, maps."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import isqrt

from poolviz.i18n.phrase import counted, phrase
from poolviz.messages.causes.fixes import (
    DIVISIBLE_INPUT,
    FLATTEN,
    FLATTEN_EACH,
    GLOBAL_POOL,
    because,
    fix,
)
from poolviz.messages.message import MessageKind, Reading, Reason, Remedy, Sizes, order_of

_PIXELS = 1_000  # rows of labels: more than the samples of a usual batch
_MANY_PIXELS = 10_000
_COLOURS = 3  # channels of a picture that was given as a mask
_SIDE = 8  # of the smallest picture
_MOST_CHANNELS = 4  # of a picture
_STRIDES = 32  # of a usual network together: sizes are rounded by less
_IGNORED = (-1, -100, 255)  # labels that usually mean "do not count this pixel"
_Explained = tuple[tuple[Reason, ...], tuple[Remedy, ...]]
RESIZE_OUTPUT = fix("resize", "resize_output")
PRINT_BOTH_ENDS = fix("print_both_ends", "print_output")
_UPSAMPLE = fix("upsample_output", "resize_output")
SQUEEZE_TARGET = fix("squeeze_target", "squeeze_target")
SQUEEZE_LABELS = fix("squeeze_labels", "squeeze_labels")


def rows_of(
    framework: str,
    outputs: int,
    targets: int,
    shapes: tuple[Sizes, ...] = (),
    code_in: str | None = None,
) -> Reading | None:
    """Report a loss of `outputs` rows against `targets` of them; None if they agree.

    >>> rows_of("pytorch", 36, 4).causes[0].split(",")[0]
    '36 = 9 × 4: either the output has 9 rows for each number of the target'
    """
    if outputs == targets:
        return None
    reasons, remedies = _rows(outputs, targets)
    return Reading(
        kind=MessageKind.TARGET,
        framework=framework,
        op="loss",
        expected=(outputs,),
        got=(targets,),
        shapes=shapes,
        certainty="likely" if any(one.certainty != "certain" for one in reasons) else "certain",
        reasons=reasons,
        remedies=remedies,
        code_in=code_in,
    )


def _rows(outputs: int, targets: int) -> _Explained:
    """Explain another number of rows; nothing where neither number is a multiple of the other."""
    if not targets or not outputs:
        empty = phrase(f"reading.reason.no_{'outputs' if targets else 'targets'}")
        return (Reason(empty, "certain"),), (PRINT_BOTH_ENDS,)
    share = Fraction(outputs, targets)
    # Every number is a multiple of 1.
    if 1 in (outputs, targets):
        return (), ()
    if share.denominator == 1:
        parts = int(share)
        words = because("rows_per_target", outputs=outputs, parts=parts, targets=targets)
        return (words,), _order(parts, targets)
    if targets == _COLOURS * outputs and outputs >= _MANY_PIXELS:
        words = because("target_in_colour", targets=targets, outputs=outputs)
        return (words,), (fix("mask_of_one_channel"), PRINT_BOTH_ENDS)
    if share.numerator == 1:
        words = because("merged_samples", targets=targets, parts=share.denominator, outputs=outputs)
        return (words,), _order(share.denominator, outputs)
    if min(outputs, targets) >= _PIXELS:
        fixes = (RESIZE_OUTPUT, DIVISIBLE_INPUT)
        is_sure = min(outputs, targets) >= _MANY_PIXELS  # fewer may be those of sequences
        return (because("pixels"),), fixes if is_sure else (PRINT_BOTH_ENDS, *fixes)
    return (), ()


def _order(parts: int, samples: int) -> tuple[Remedy, ...]:
    """Put Flatten first where the numbers look like cut samples, else the shapes to look up.

    A square is the size of a map, 3 a colour picture: the numbers allow it, no more.
    """
    is_square = parts > 0 and isqrt(parts) ** 2 == parts
    looks_cut = samples < _PIXELS and (is_square or parts == _COLOURS)
    return (FLATTEN_EACH, PRINT_BOTH_ENDS) if looks_cut else (PRINT_BOTH_ENDS, FLATTEN_EACH)


MAP_AT_THE_END: _Explained = (because("map_at_the_end"),), (FLATTEN, GLOBAL_POOL)
_SEQUENCE_AT_THE_END: _Explained = (because("sequence_at_the_end"),), (FLATTEN,)


def target_of(
    framework: str,
    output: Sizes,
    target: Sizes,
    code_in: str | None = None,
    class_axis: int | None = -1,
    takes_numbers: bool = False,
    must_agree: bool = False,
) -> Reading | None:
    """Report an output and a target with their batch axes; None where nothing is wrong with them.

    `class_axis` is the place of the classes in the output, None if they are not in it;
    `takes_numbers`: the loss takes one class number for each row of the output; `must_agree`: the
    text says that the shapes have to be the same.

    >>> target_of("pytorch", (4, 1), (4,)).causes
    ('The shapes differ only by an axis of size 1.',)
    >>> target_of("tensorflow", (32, 5), (32, 4)).kind.value
    'number of classes'
    """
    output, target = _open_below_zero(output), _open_below_zero(target)
    if not output or not target or (output == target and not takes_numbers):
        return None
    if takes_numbers and len(output) == 2 and len(target) in (1, 2):
        return _of_class_numbers(framework, output, target, code_in)
    explained = _by_axes(output, target)
    read: Reading | None = None
    if len(output) == len(target) == 1 and None not in (output[0], target[0]):
        return rows_of(framework, output[0] or 0, target[0] or 0, (output, target), code_in)
    if explained is not None:
        read = _told(framework, output, target, code_in, explained)
    elif len(output) == len(target):
        read = _of_equal_rank(framework, output, target, code_in, class_axis)
    elif len(output) == 2 and len(target) == 1 and None not in (output[0], target[0]):
        read = rows_of(framework, output[0] or 0, target[0] or 0, (output, target), code_in)
    if read is None and must_agree:
        return _told(framework, output, target, code_in, ((), ()))
    return read


def _open_below_zero(shape: Sizes) -> Sizes:
    """Return a shape in which a -1, as some texts write an open size, is None."""
    return tuple(None if size is not None and size < 0 else size for size in shape)


def _by_axes(output: Sizes, target: Sizes) -> _Explained | None:
    """Explain axes that only one of the two has."""
    if [size for size in output if size != 1] == [size for size in target if size != 1]:
        if len(output) == len(target) == 2:  # a row and a column
            words = phrase("reading.reason.row_and_column", output=output, target=target)
            return (Reason(words, "certain"),), (PRINT_BOTH_ENDS,)
        return (Reason(phrase("reading.reason.extra_axis"), "certain"),), (SQUEEZE_TARGET,)
    if len(output) >= 3 and len(target) < min(3, len(output)):
        return MAP_AT_THE_END if len(output) > 3 else _SEQUENCE_AT_THE_END
    same_rows = output[0] == target[0] or None in (output[0], target[0])
    is_per_row = len(output) == 2 and output[1] != 1 and same_rows and target[1:] in ((), (1,))
    return _CLASS_NUMBERS if is_per_row else None


def _of_equal_rank(
    framework: str, output: Sizes, target: Sizes, code_in: str | None, class_axis: int | None
) -> Reading | None:
    """Explain an output and a target with equally many axes; None where that may be right."""
    if len(output) == 3 and output[1] == (target[1] or 0) * (target[2] or 0) >= _SIDE**2:
        explained: _Explained = (because("pixels_in_a_row"),), (fix("pixels_in_a_row"),)
        return _told(framework, output, target, code_in, explained)
    pairs = enumerate(zip(output, target, strict=True))
    differing = [i for i, pair in pairs if pair[0] != pair[1] and None not in pair]
    if class_axis is not None and differing == [class_axis % len(output)] != [0]:
        outputs, labels = output[class_axis] or 0, target[class_axis] or 0
        is_colour = len(output) == 4 and labels in (_COLOURS, _COLOURS + 1)
        if is_colour and (outputs == 1 or outputs > _MOST_CHANNELS):
            return _colour_mask(framework, output, target, code_in, class_axis)
        return classes_of(framework, outputs, labels, code_in, are_maps=len(output) == 4)
    if len(output) == 2 and target == (1, output[0]):
        return _told(framework, output, target, code_in, _TURNED_LABELS)
    if len(output) == 2 and differing == [0]:
        return rows_of(framework, output[0] or 0, target[0] or 0, (output, target), code_in)
    if len(output) < (4 if class_axis == -1 else 3):
        return None  # of three axes, two may be those of a sequence
    if not differing:
        return None
    if 0 in differing:  # the samples, and no side of a map, or not alone
        return _told(framework, output, target, code_in, ((), (PRINT_BOTH_ENDS,)))
    sides = [i for i in differing if class_axis is None or i != class_axis % len(output)]
    ratios = {Fraction(target[i] or 0, output[i] or 1) for i in sides}
    times = min(ratios) if len(ratios) == 1 and len(sides) > 1 else Fraction(1)
    if times.denominator == 1 and times > 1:
        reasons = (because("output_smaller", times=int(times)),)
        return _told(framework, output, target, code_in, (reasons, (_UPSAMPLE,)), are_maps=True)
    is_near = all(_is_near(output[i] or 0, target[i] or 0) for i in sides)
    explained = ((because("other_output"),), (RESIZE_OUTPUT, fix("crop")))
    if not is_near:
        explained = ((), (RESIZE_OUTPUT, PRINT_BOTH_ENDS))
    return _told(framework, output, target, code_in, explained, are_maps=True)


def _is_near(output: int, target: int) -> bool:
    """Return whether rounding, or edges that were cut, explain the size of an output."""
    return output < target <= 2 * output + 1 or 0 <= output - target < _STRIDES


def _colour_mask(
    framework: str, output: Sizes, target: Sizes, code_in: str | None, class_axis: int
) -> Reading:
    """Report one value per pixel, or one per class, and masks with the channels of a picture."""
    channel = ":, :1" if class_axis == 1 else "..., :1"
    labels = target[class_axis] or 0
    reasons = (because("mask_read_as_picture", channels=labels),)
    remedy = fix("mask_of_classes")
    if output[class_axis] == 1:
        remedy = Remedy(phrase("reading.fix.mask_of_one_channel"), f"target = target[{channel}]")
    words = phrase("reading.fix.last_layer", outputs=counted(labels, "channel"))
    last = Remedy(words, snippet="last_conv", fields=(("classes", labels),))
    read = _told(framework, output, target, code_in, (reasons, (remedy, last)), are_maps=True)
    return replace(read, only_remedies=True)


def one_number_wanted(framework: str, wanted: Sizes, target: Sizes) -> Reading:
    """Report a target of several values where one per sample or pixel is expected.

    Keras 2 expects one for a single output, and for `sparse_categorical_crossentropy`, whatever
    the number of outputs is.
    """
    values = target[-1] or 0
    words = phrase("reading.fix.last_layer", outputs=counted(values, "output"))
    last = Remedy(words, snippet="last_layer", fields=(("classes", values),))
    return Reading(
        kind=MessageKind.TARGET,
        framework=framework,
        op="loss",
        argument="target",
        expected=wanted,
        got=target,
        shapes=(wanted, target),
        certainty="likely",
        reasons=(because("one_number_wanted", values=values),),
        remedies=(fix("dense_loss", "dense_loss"), last),
        only_remedies=True,
    )


_CLASS_NUMBERS: _Explained = (
    (because("class_numbers"),),
    (fix("sparse_loss", "sparse_loss"), fix("one_hot", "one_hot", classes="…")),
)
_TURNED_LABELS: _Explained = (
    (because("turned_labels"),),
    (fix("sparse_loss", "sparse_loss"), fix("one_hot", "one_hot", classes="…")),
)
_ONE_HOT: _Explained = (
    (because("one_hot"),),
    (fix("class_numbers", "class_numbers"), fix("dense_loss", "dense_loss")),
)


def _of_class_numbers(
    framework: str, output: Sizes, target: Sizes, code_in: str | None
) -> Reading | None:
    """Report labels for a loss that takes class numbers, one per row."""
    if len(target) == 1:
        return _of_flat_labels(framework, output, target[0], code_in)
    if target[1] == 1:
        explained: _Explained = ((because("label_column"),), (SQUEEZE_LABELS,))
        return _told(framework, output, target, code_in, explained)
    if output == target:
        return _told(framework, output, target, code_in, _ONE_HOT)
    return _told(framework, output, target, code_in, ((because("one_hot"),), _ONE_HOT[1]))


def _of_flat_labels(
    framework: str, output: Sizes, labels: int | None, code_in: str | None
) -> Reading | None:
    """Report so many labels in one row; one-hot labels that were flattened are as many."""
    rows, classes = output
    if not rows or not classes or not labels:
        return None
    if labels == rows * classes:
        words = because("flat_one_hot", labels=labels, rows=rows, classes=classes)
        return _told(framework, output, (labels,), code_in, ((words,), _ONE_HOT[1]))
    read = rows_of(framework, rows, labels, (output, (labels,)), code_in)
    # Other multiples of the classes may be one-hot labels as well, so no reason is given.
    if read is None or labels % classes or labels < rows:
        return read
    return replace(read, reasons=(), remedies=(), certainty="certain")


def _told(
    framework: str,
    output: Sizes,
    target: Sizes,
    code_in: str | None,
    explained: _Explained,
    *,
    are_maps: bool = False,
) -> Reading:
    reasons, remedies = explained
    return Reading(
        kind=MessageKind.TARGET,
        framework=framework,
        op="loss",
        data_format=order_of(output) if len(output) > 3 else None,
        expected=output,
        got=target,
        shapes=(output, target),
        certainty="likely" if any(one.certainty != "certain" for one in reasons) else "certain",
        is_of_maps=are_maps,
        reasons=reasons,
        remedies=remedies,
        code_in=code_in,
    )


# --- classes -------------------------------------------------------------------------------------


def classes_of(
    framework: str,
    outputs: int,
    labels: int,
    code_in: str | None = None,
    is_ordered: bool = True,
    are_classes: bool = True,
    are_maps: bool = False,
) -> Reading | None:
    """Report an output and labels of another number of classes, or of values per sample.

    `is_ordered`: the text says which of the two numbers is the output; `are_classes`: that the
    loss is one for classes; `are_maps`: each pixel has its classes.
    """
    if outputs == labels:
        return None
    remedies = [fix("as_many_outputs")]
    if is_ordered:
        noun = "channel" if are_maps else "output"
        words = phrase("reading.fix.last_layer", outputs=counted(labels, noun))
        snippet = "last_conv" if are_maps else "last_layer"
        layer = Remedy(words, snippet=snippet, fields=(("classes", labels),))
        noun = "channel" if are_maps else "column"
        words = phrase("reading.fix.labels_of", columns=counted(outputs, noun))
        snippet = "one_hot" if are_classes and not are_maps else ""
        target = Remedy(words, snippet=snippet, fields=(("classes", outputs),))
        remedies = [layer, target] if outputs > 1 else [layer]
    return Reading(
        kind=MessageKind.CLASSES,
        framework=framework,
        op="loss",
        expected=(outputs,),
        got=(labels,),
        remedies=tuple(remedies),
        only_remedies=True,
        code_in=code_in,
    )


def label_of(
    framework: str, label: int | None, classes: int | None = None, code_in: str | None = None
) -> Reading | None:
    """Report a label that is no class number; `classes`: those of the output. None if unknown."""
    if classes is not None and label is not None and 0 <= label < classes:
        return None
    reasons: tuple[Reason, ...] = ()
    remedies: list[Remedy] = []
    if label is not None and label in _IGNORED:
        remedies.append(fix("ignore_label", "ignore_label", label=label))
        reasons = (because("ignored_label", label=label),)
    elif classes and classes == label:
        reasons = (because("labels_from_one", classes=classes, last=classes - 1),)
        remedies.append(fix("labels_from_zero", "labels_from_zero"))
    elif classes == 1:
        reasons = (because("one_output"),)
    if label is not None and label >= 0 and label not in _IGNORED:
        words = phrase("reading.fix.last_layer_at_least", outputs=counted(label + 1, "output"))
        remedies.append(Remedy(words, snippet="last_layer", fields=(("classes", label + 1),)))
    return Reading(
        kind=MessageKind.CLASSES,
        framework=framework,
        op="loss",
        argument="label",
        expected=() if classes is None else (classes,),
        got=() if label is None else (label,),
        reasons=reasons,
        remedies=(*remedies, fix("print_labels", "print_labels")),
        only_remedies=True,
        code_in=code_in,
    )
