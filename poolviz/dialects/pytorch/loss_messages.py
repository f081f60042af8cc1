"""Messages of PyTorch's losses: outputs, targets and class numbers that do not go together."""

from __future__ import annotations

from dataclasses import replace

from poolviz.dialects.pytorch.axis_messages import FRAMEWORK
from poolviz.messages.causes.fixes import because, fix
from poolviz.messages.causes.targets import (
    MAP_AT_THE_END,
    SQUEEZE_LABELS,
    classes_of,
    label_of,
    rows_of,
    target_of,
)
from poolviz.messages.message import MessageKind, Reading, Reason, Remedy
from poolviz.messages.pattern import Found, MessagePattern


def _batch(found: Found) -> Reading | None:
    return rows_of(FRAMEWORK, found.number("outputs"), found.number("targets"))


def _target(found: Found) -> Reading | None:
    output = found.sizes("output")
    class_axis = None if len(output) == 3 else 1
    target = found.sizes("target")
    return target_of(FRAMEWORK, output, target, class_axis=class_axis, must_agree=True)


def _maps(found: Found) -> Reading | None:
    """Maps of classes and a target without the class axis: only the spatial sizes count."""
    output, target = found.sizes("output"), found.sizes("target")
    if len(output) != len(target) + 1 or len(output) < 3:
        return None
    return target_of(FRAMEWORK, (output[0], *output[2:]), target, class_axis=None)


def _told(reasons: tuple[Reason, ...], remedies: tuple[Remedy, ...], **facts: object) -> Reading:
    """Report a target of another shape than the loss takes; the text has no shape of the output."""
    return Reading(
        kind=MessageKind.TARGET,
        framework=FRAMEWORK,
        op="loss",
        certainty="likely",
        reasons=reasons,
        remedies=remedies,
        **facts,  # type: ignore[arg-type]
    )


def _several_columns(found: Found) -> Reading:
    """A target with a column per class, or with one column."""
    return _told(
        (because("labels_in_columns"),), (SQUEEZE_LABELS, fix("class_numbers", "class_numbers"))
    )


def _spatial(found: Found) -> Reading:
    """An output that is a map, and a target of another number of axes than height and width."""
    shape = found.sizes("shape") if found.match["shape"] else ()
    axes = len(shape) or found.optional("axes") or 0
    facts = {"got": shape, "shapes": (shape,)} if shape else {"got": (axes,) if axes else ()}
    if axes == 2 and len(shape) == 2 and (shape[1] or 0) >= _MANY_LABELS:
        return _told((), (), **facts)
    if axes in (1, 2):
        return _told(*MAP_AT_THE_END, **facts)
    if axes == 4 and shape and shape[-1] in _COLOURS:
        return _told((because("mask_in_colour"),), (fix("mask_of_classes"),), **facts)
    if axes == 4 and (not shape or shape[1] == 1):
        return _told((because("target_has_channel"),), (SQUEEZE_LABELS,), **facts)
    return _told((), (fix("class_numbers", "class_numbers"),), **facts)


def _class_axis(found: Found) -> Reading | None:
    """The loss takes the classes in axis 1, and was given an output with them elsewhere."""
    wanted, got = found.sizes("wanted"), found.sizes("got")
    if len(wanted) != len(got) or len(wanted) < 2 or wanted[0] != got[0]:
        return None
    if len(wanted) > 2:
        return target_of(FRAMEWORK, wanted, got, class_axis=None)
    return _told(
        (because("class_axis"),),
        (fix("classes_second", "classes_second"),),
        expected=wanted,
        got=got,
        argument="target",
    )


def _weights(found: Found) -> Reading | None:
    read = classes_of(FRAMEWORK, found.number("classes"), found.number("weights"))
    if read is None:
        return None
    wanted = fix("class_weights", "class_weights", classes=found.number("classes"))
    return replace(read, argument="weight", remedies=(wanted, read.remedies[0]))


def _label(found: Found) -> Reading | None:
    return label_of(FRAMEWORK, found.optional("label"))


_MANY_LABELS = 64  # in a row: more than classes of one sample
_COLOURS = (3, 4)  # channels of a colour picture
_SIZE = r"(?:torch\.Size\()?\[<{}:shape>\]\)?"
BATCH = MessagePattern(
    ("batch_size",),
    r"Expected input batch_size \(<outputs:int>\) to match target batch_size \(<targets:int>\)",
    _batch,
)
LOSSES = (
    BATCH,
    MessagePattern(
        ("arget size",),
        (
            rf"Using a target size \({_SIZE.format('target')}\) that is different to the input "
            rf"size \({_SIZE.format('output')}\)"
        ),
        _target,
    ),
    MessagePattern(
        ("arget size",),
        (
            rf"Target size \({_SIZE.format('target')}\) must be the same as input size "
            rf"\({_SIZE.format('output')}\)"
        ),
        _target,
    ),
    MessagePattern(
        ("arget size",),
        r"Expected target size [(\[]<wanted:shape>[)\]], got (?:torch\.Size\()?\[<got:shape>\]\)?",
        _class_axis,
    ),
    MessagePattern(
        ("target",),
        (
            r"input and target shapes do not match: input \[<output:shape>\], "
            r"target \[<target:shape>\]"
        ),
        _target,
    ),
    MessagePattern(
        ("got input",),
        r"size mismatch \(got input: \[<output:shape>\] ?, target: \[<target:shape>\]",
        _maps,
    ),
    MessagePattern(
        ("spatial sizes",),
        (
            r"input and target batch or spatial sizes don't match: target \[<target:shape>\], "
            r"input \[<output:shape>\]"
        ),
        _maps,
    ),
    MessagePattern(
        ("multi-target not supported",),
        r"(?:0D or )?1D target (?:tensor )?expected, multi-target not supported",
        _several_columns,
    ),
    MessagePattern(
        ("batches of spatial targets",),
        (
            r"only batches of spatial targets supported \((?:non-empty )?3D tensors\)"
            r"(?: but got targets of (?:dimension: <axes:int>|size: ?: ?\[<shape:shape>\]))?"
        ),
        _spatial,
    ),
    MessagePattern(
        ("weight tensor should be defined",),
        (
            r"weight tensor should be defined either for all (?:<classes:int> classes )?or no "
            r"classes but got weight tensor of shape: \[<weights:int>\]"
        ),
        _weights,
    ),
    MessagePattern(
        ("< n_classes",),  # PyTorch 0.4 to 1.7; on a GPU, later ones as well
        r"(?P<label>)(?:cur_target|\bt) >= 0 && (?:cur_target|t) < n_classes",
        _label,
    ),
    MessagePattern(
        ("is out of bounds",), r"Target <label:int> is out of bounds(?![\t\x20]{1,4}\w)", _label
    ),
)
