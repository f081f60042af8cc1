"""Lines of code that advice offers, one field per purpose; "" where a framework has no such line.

Fields in braces are filled in with numbers of the message.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippets:
    """Code of one framework; `x` is the tensor that reaches the failing layer."""

    add_batch: str = ""
    add_channel: str = ""
    add_both: str = ""  # batch and channel axis of a single grey picture
    remove_axis: str = ""  # {axis}
    merge_axes: str = ""  # the first two
    to_picture: str = ""  # {channels}, {height}, {width}
    flatten: str = ""
    reshape_to: str = ""  # {sizes} behind an open number of samples
    unflatten: str = ""  # {sizes} of a sample, as a layer
    view: str = ""  # {features}: the features per sample
    adaptive_pool: str = ""  # {size}: like "(7, 7)"
    global_pool: str = ""
    linear: str = ""  # {features}, {outputs}
    open_linear: str = ""  # finds its features at the first call
    five_axes: str = ""  # a model for sequences of pictures
    input_channels: str = ""  # {channels}: a model for pictures of so many
    conv_channels: str = ""  # {channels}, {ndim}: a convolution for so many, its spatial axes
    to_rgb: str = ""  # drops the fourth channel
    repeat_grey: str = ""
    to_grey: str = ""
    channels_first: str = ""
    swap_frames: str = ""  # of a video, with the channels
    swap_sides: str = ""  # height and width
    channels_last: str = ""
    shortcut_conv: str = ""
    join_along: str = ""  # {axis}
    last_conv: str = ""  # {classes}
    crop: str = ""  # `skip` to the height and width of `x`
    resize_output: str = ""
    resize_picture: str = ""  # {size}: the height and width that a model takes
    resize_to: str = ""  # {height}, {width}
    model_input: str = ""  # {shape} without the batch
    resize: str = ""  # `x` to the height and width of `skip`
    pad_to: str = ""  # {multiple}: height and width to a multiple
    same_padding: str = ""  # where a layer takes no padding in numbers
    init_again: str = ""  # the parameters of a model
    open_batch: str = ""  # {name} of the input
    print_shape: str = ""
    print_both: str = ""
    print_output: str = ""
    eval_mode: str = ""
    drop_last: str = ""
    squeeze_target: str = ""  # a target of the shape of the output
    squeeze_labels: str = ""  # class numbers without their axis of size 1
    last_layer: str = ""  # {classes}
    one_hot: str = ""  # {classes}
    class_numbers: str = ""  # from one column per class
    sparse_loss: str = ""  # takes class numbers
    dense_loss: str = ""  # takes one column per class
    classes_second: str = ""  # the classes in axis 1 of the output
    class_weights: str = ""  # {classes}
    labels_from_zero: str = ""
    ignore_label: str = ""  # {label}
    print_labels: str = ""
