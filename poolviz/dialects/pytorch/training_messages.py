"""Messages of PyTorch's losses and normalisations: targets, class numbers, channels, one value."""

from __future__ import annotations

from dataclasses import replace

from poolviz.arithmetic.layers.pool import AXIS_NAMES
from poolviz.dialects.pytorch.axis_messages import FRAMEWORK
from poolviz.i18n.phrase import counted, phrase
from poolviz.messages.causes.channels import channels_of, normalised_last
from poolviz.messages.causes.fixes import because, fix
from poolviz.messages.causes.targets import (
    MAP_AT_THE_END,
    SQUEEZE_LABELS,
    classes_of,
    label_of,
    rows_of,
    target_of,
)
from poolviz.messages.message import MessageKind, Reading, Reason, Remedy, axes_of
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
    MessagePattern(  # PyTorch 0.4 to 1.6
        ("target nelement",),
        r"target nelement \(<targets:int>\) != input nelement \(<outputs:int>\)",
        _batch,
    ),
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


# --- normalisation -------------------------------------------------------------------------------


_OF_ONE_CELL = (
    Remedy(phrase("reading.fix.larger_input")),
    Remedy(phrase("reading.fix.fewer_layers")),
    Remedy(phrase("reading.fix.other_norm")),
)


def _one_value(found: Found) -> Reading | None:
    shape = found.sizes("shape")
    batch, spatial = (shape[0], shape[2:]) if len(shape) > 1 else (None, ())
    if len(spatial) not in (0, *AXIS_NAMES) or any(size != 1 for size in spatial):
        return None
    reasons: tuple[Reason, ...] = ()
    sizes = tuple(size or 0 for size in spatial)
    if spatial and "spatial element" in found.match[0]:
        reasons = (Reason(phrase("reading.reason.vanished_map", sizes=sizes), "certain"),)
    elif spatial and batch is not None:
        samples = counted(batch, "sample")
        words = phrase("reading.reason.vanished", sizes=sizes, batch=samples)
        reasons = (Reason(words, "certain"),)
    return Reading(
        kind=MessageKind.ONE_VALUE,
        framework=FRAMEWORK,
        op="norm",
        axes=axes_of(len(spatial), input_size=spatial) if spatial else (),
        data_format="channels_first",
        channels=shape[1],
        shapes=(shape,),
        reasons=reasons,
        remedies=_OF_ONE_CELL if "spatial element" in found.match[0] else (),
        only_remedies="spatial element" in found.match[0],
    )


def _one_value_alone(found: Found) -> Reading:
    """Read what torch/nn said without the size of its input, and what is cut off behind it."""
    return Reading(
        kind=MessageKind.ONE_VALUE,
        framework=FRAMEWORK,
        op="norm",
        data_format="channels_first",
        remarks=(phrase("reading.note.no_number"),),
    )


def _group_norm(found: Found) -> Reading | None:
    shape, expected = found.sizes("shape"), found.number("expected")
    if len(shape) < 2 or shape[1] in (None, expected):
        return None
    read = channels_of(FRAMEWORK, expected, shape[1] or 0, (), "norm", None, "channels_first")
    # Those of `channels_of` are about pictures and the order of their axes.
    return replace(read, shapes=(shape,), reasons=(), remedies=())


def _layer_norm(found: Found) -> Reading | None:
    return normalised_last(FRAMEWORK, found.sizes("wanted"), found.sizes("shape"), _TO_LAST)


_TO_LAST = "x = norm(x.movedim(1, -1))"


def _norm_channels(found: Found) -> Reading | None:
    got, expected = found.number("got"), found.number("expected")
    built = Remedy(
        phrase("reading.fix.norm_channels", channels=counted(got, "channel")),
        f"nn.BatchNorm2d({got})",
    )
    return (
        None
        if got == expected
        else Reading(
            kind=MessageKind.CHANNELS,
            framework=FRAMEWORK,
            op="norm",
            channels=got,
            expected=(expected,),
            got=(got,),
            remedies=(built,),
            only_remedies=True,
        )
    )


_TENSOR = r"(?:torch\.Size\()?\[<shape:shape>\]\)?"
NORMALISATIONS = (
    MessagePattern(
        ("when training",),
        (
            r"[Ee]xpected more than 1 (?:value per channel|spatial element) when training, "
            rf"got input size {_TENSOR}"
        ),
        _one_value,
    ),
    MessagePattern(
        ("per channel when training", "spatial element when training"),
        r"[Ee]xpected more than 1 (?:value per channel|spatial element) when training(?!, got)",
        _one_value_alone,
    ),
    MessagePattern(
        ("normalized_shape",),
        (
            r"Given normalized_shape=\[<wanted:shape>\], expected input with shape \[\*, "
            r"[^\]]{1,80}\], but got input of size ?\[<shape:shape>\]"
        ),
        _layer_norm,
    ),
    MessagePattern(
        ("running_mean",),
        r"running_mean should contain <got:int> elements not <expected:int>",
        _norm_channels,
    ),
    MessagePattern(
        ("Expected weight to be a vector",),
        (
            r"Expected weight to be a vector of size equal to the number of channels in input, but "
            r"got weight of shape \[<expected:int>\] and input of shape \[<shape:shape>\]"
        ),
        _group_norm,
    ),
    MessagePattern(
        ("num_features",),
        (
            r"expected input's size at dim=1 to match num_features \(<expected:int>\), but "
            r"got: <got:int>"
        ),
        _norm_channels,
    ),
)
