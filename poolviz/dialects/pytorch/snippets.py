"""Lines of PyTorch that advice offers."""

from __future__ import annotations

from poolviz.messages.snippets import Snippets

CODE = Snippets(
    add_batch="x = x.unsqueeze(0)",
    add_channel="x = x.unsqueeze(1)",
    add_both="x = x[None, None]",
    remove_axis="x = x.squeeze({axis})",
    merge_axes="x = x.flatten(0, 1)",
    to_picture="x = x.view(-1, {channels}, {height}, {width})",
    flatten="x = torch.flatten(x, 1)",
    view="x = x.view(x.size(0), -1)",
    adaptive_pool="nn.AdaptiveAvgPool2d({size})",
    global_pool="nn.AdaptiveAvgPool2d(1)",
    open_linear="nn.LazyLinear({outputs})",
    conv_channels="nn.Conv2d({channels}, …)",
    to_rgb='image = image.convert("RGB")',
    repeat_grey="x = x.repeat(1, 3, 1, 1)",
    to_grey="x = x.mean(1, keepdim=True)",
    channels_first="x = x.permute(0, 3, 1, 2)",
    shortcut_conv="shortcut = nn.Conv2d(in_channels, out_channels, 1, stride=stride)",
    crop="skip = skip[..., : x.shape[-2], : x.shape[-1]]",
    resize="x = F.interpolate(x, size=skip.shape[2:])",
    resize_output="output = F.interpolate(output, size=target.shape[-2:])",
    print_shape="print(x.shape)",
    print_both="print(x.shape, skip.shape)",
    print_output="print(output.shape, target.shape)",
    squeeze_target="target = target.view_as(output)",
    pad_to="x = F.pad(x, (0, -x.shape[-1] % {multiple}, 0, -x.shape[-2] % {multiple}))",
    eval_mode="model.eval()",
    drop_last="DataLoader(dataset, batch_size=32, drop_last=True)",
)
