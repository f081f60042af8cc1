"""Models of PyTorch as people write them, with inputs that run and inputs that fail."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  # as everyone calls it
from torch import nn


class LeNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: Any) -> Any:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), (2, 2))
        x = x.view(x.size(0), -1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return F.log_softmax(self.fc3(x), dim=1)


class FixedView(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc = nn.Linear(16 * 14 * 14, 10)

    def forward(self, x: Any) -> Any:
        x = self.pool(torch.relu(self.conv(x)))
        x = x.view(-1, 16 * 14 * 14)
        return self.fc(x)


class BasicBlock(nn.Module):
    def __init__(self, inside: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Sequential()
        if stride != 1 or inside != out:
            conv = nn.Conv2d(inside, out, 1, stride, bias=False)
            self.shortcut = nn.Sequential(conv, nn.BatchNorm2d(out))

    def forward(self, x: Any) -> Any:
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        return F.relu(out)


class ResNet(nn.Module):
    def __init__(self, head_pool: int | None = None) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.layer1 = nn.Sequential(BasicBlock(16, 16), BasicBlock(16, 16))
        self.layer2 = nn.Sequential(BasicBlock(16, 32, 2), BasicBlock(32, 32))
        self.layer3 = nn.Sequential(BasicBlock(32, 64, 2), BasicBlock(64, 64))
        self.head_pool = head_pool
        self.fc = nn.Linear(64, 10)

    def forward(self, x: Any) -> Any:
        x = self.layer3(self.layer2(self.layer1(self.stem(x))))
        x = F.avg_pool2d(x, x.size()[2:] if self.head_pool is None else self.head_pool)
        return self.fc(torch.flatten(x, 1))


class DoubleConv(nn.Module):
    def __init__(self, inside: int, out: int) -> None:
        super().__init__()
        self.double_conv = nn.Sequential(
            nn.Conv2d(inside, out, 3, padding=1),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
            nn.Conv2d(out, out, 3, padding=1),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Any) -> Any:
        return self.double_conv(x)


class UNet(nn.Module):
    """With `pads`, the way up is padded to the size of the skip."""

    def __init__(self, pads: bool = False) -> None:
        super().__init__()
        self.pads = pads
        self.downs = nn.ModuleList([DoubleConv(1, 8), DoubleConv(8, 16), DoubleConv(16, 32)])
        self.pool = nn.MaxPool2d(2)
        self.bottom = DoubleConv(32, 64)
        self.ups = nn.ModuleList([nn.ConvTranspose2d(2 * n, n, 2, 2) for n in (32, 16, 8)])
        self.convs = nn.ModuleList([DoubleConv(2 * n, n) for n in (32, 16, 8)])
        self.last = nn.Conv2d(8, 2, 1)

    def forward(self, x: Any) -> Any:
        skips = []
        for down in self.downs:
            x = down(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottom(x)
        for up, conv, skip in zip(self.ups, self.convs, reversed(skips), strict=True):
            x = up(x)
            if self.pads:
                dy = skip.size()[2] - x.size()[2]
                dx = skip.size()[3] - x.size()[3]
                x = F.pad(x, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
            x = conv(torch.cat([skip, x], dim=1))
        return self.last(x)


class CroppingUNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3))
        self.bottom = nn.Conv2d(8, 16, 3)
        self.up = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.last = nn.Conv2d(16, 2, 1)

    def forward(self, x: Any) -> Any:
        skip = self.down(x)
        x = self.up(self.bottom(F.max_pool2d(skip, 2)))
        dy, dx = (skip.shape[2] - x.shape[2]) // 2, (skip.shape[3] - x.shape[3]) // 2
        skip = skip[:, :, dy : dy + x.shape[2], dx : dx + x.shape[3]]
        return self.last(torch.cat((skip, x), 1))


class Inception(nn.Module):
    def __init__(self, inside: int) -> None:
        super().__init__()
        self.b1 = nn.Conv2d(inside, 16, 1)
        self.b2 = nn.Sequential(nn.Conv2d(inside, 8, 1), nn.ReLU(), nn.Conv2d(8, 24, 3, padding=1))
        self.b3 = nn.Sequential(nn.Conv2d(inside, 4, 1), nn.Conv2d(4, 8, 5, padding=2))
        self.b4 = nn.Conv2d(inside, 8, 1)

    def forward(self, x: Any) -> Any:
        pooled = F.max_pool2d(x, kernel_size=3, stride=1, padding=1)
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(pooled)], 1)


class GoogLeNetLike(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 7, 2, 3), nn.MaxPool2d(3, 2, ceil_mode=True))
        self.blocks = nn.Sequential(Inception(16), Inception(56), nn.MaxPool2d(3, 2))
        self.pool = nn.AvgPool2d(7)
        self.fc = nn.Linear(56, 10)

    def forward(self, x: Any) -> Any:
        x = self.pool(self.blocks(self.stem(x)))
        return self.fc(x.reshape(x.shape[0], -1))


class DenseLayer(nn.Module):
    def __init__(self, inside: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(inside)
        self.conv = nn.Conv2d(inside, 8, 3, padding=1)

    def forward(self, features: list[Any]) -> Any:
        return self.conv(F.relu(self.norm(torch.cat(features, 1))))


class DenseNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([DenseLayer(16 + 8 * i) for i in range(4)])
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.transition = nn.Sequential(nn.Conv2d(48, 24, 1), nn.AvgPool2d(2))

    def forward(self, x: Any) -> Any:
        features = [self.stem(x)]
        for layer in self.layers:
            features.append(layer(features))
        return self.transition(torch.cat(features, 1)).mean([2, 3])


class SqueezeExcite(nn.Module):
    def __init__(self, expands: bool) -> None:
        super().__init__()
        self.expands = expands
        self.conv = nn.Conv2d(3, 16, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Linear(16, 4), nn.ReLU(), nn.Linear(4, 16), nn.Sigmoid())

    def forward(self, x: Any) -> Any:
        x = self.conv(x)
        b, c, _, _ = x.size()
        y = self.fc(self.pool(x).view(b, c)).view(b, c, 1, 1)
        return x * (y.expand_as(x) if self.expands else y)


class SPPF(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inside, self.out = nn.Conv2d(8, 4, 1), nn.Conv2d(16, 8, 1)
        self.pool = nn.MaxPool2d(5, 1, 2)

    def forward(self, x: Any) -> Any:
        x = self.inside(x)
        one = self.pool(x)
        two = self.pool(one)
        return self.out(torch.cat((x, one, two, self.pool(two)), 1))


class Audio(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, 32, 80, stride=16)
        self.bn1 = nn.BatchNorm1d(32)
        self.pool1 = nn.MaxPool1d(4)
        self.conv2 = nn.Conv1d(32, 64, 3)
        self.pool2 = nn.MaxPool1d(4)
        self.fc = nn.Linear(64, 10)

    def forward(self, x: Any) -> Any:
        x = self.pool1(F.relu(self.bn1(self.conv1(x))))
        x = self.pool2(F.relu(self.conv2(x)))
        x = F.avg_pool1d(x, x.shape[-1])
        return self.fc(x.squeeze(-1))


class TextCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv1d(50, 16, k) for k in (3, 4, 5)])
        self.fc = nn.Linear(48, 2)

    def forward(self, x: Any) -> Any:
        found = [F.relu(conv(x)) for conv in self.convs]
        pooled = [F.max_pool1d(each, each.size(2)).squeeze(2) for each in found]
        return self.fc(torch.cat(pooled, 1))


class Functional(nn.Module):
    """Weights without layers."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(12, 3, 3, 3))
        self.bias = nn.Parameter(torch.zeros(12))
        self.scale = nn.Parameter(torch.ones(12, 1, 1))
        self.register_buffer("mean", torch.zeros(1, 3, 1, 1))

    def forward(self, x: Any) -> Any:
        x = F.conv2d(x - self.mean, self.weight, self.bias, stride=2, padding=1)
        return F.adaptive_max_pool2d(self.scale * x / 2 + 1, (3, 3))


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.act = nn.ReLU()

    def forward(self, x: Any) -> Any:
        return self.act(self.conv(self.act(self.conv(x))))


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(32, 8 * 4 * 4)
        self.up1 = nn.ConvTranspose2d(8, 8, 3, stride=2, padding=1, output_padding=1)
        self.up2 = nn.Upsample(scale_factor=2, mode="bilinear")
        self.last = nn.Conv2d(8, 1, 3)

    def forward(self, z: Any) -> Any:
        x = self.fc(z).view(-1, 8, 4, 4)
        x = F.interpolate(self.up2(self.up1(x)), scale_factor=2.0)
        return torch.sigmoid(self.last(x))


class Volume(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv3d(1, 8, 3), nn.MaxPool3d((1, 2, 2)), nn.Conv3d(8, 16, 3), nn.MaxPool3d(2)
        )
        self.head = nn.Linear(16, 2)

    def forward(self, x: Any) -> Any:
        return self.head(F.adaptive_avg_pool3d(self.body(x), 1).flatten(1))


class PatchMixer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, 32, 4, stride=4)
        self.depthwise = nn.Sequential(nn.Conv2d(32, 32, 5, groups=32, padding="same"), nn.GELU())
        self.pointwise = nn.Conv2d(32, 32, 1)

    def forward(self, x: Any) -> Any:
        x = self.patch(x)
        x = x + self.depthwise(x)
        return self.pointwise(x).mean(dim=(2, 3))


def vgg() -> nn.Module:
    layers: list[nn.Module] = []
    channels = 3
    for width in (16, "M", 32, "M", 64, 64, "M", 64, "M", 64, "M"):
        if width == "M":
            layers.append(nn.MaxPool2d(2, 2))
            continue
        conv = nn.Conv2d(channels, int(width), 3, padding=1)
        layers += [conv, nn.BatchNorm2d(int(width)), nn.ReLU(True)]
        channels = int(width)
    return nn.Sequential(nn.Sequential(*layers), nn.Flatten(), nn.Linear(64, 10))


def alexnet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 256, 3, padding=1),
        nn.MaxPool2d(3, 2),
        nn.AdaptiveAvgPool2d((6, 6)),
        nn.Dropout(),
        nn.Flatten(),
        nn.Linear(256 * 36, 10),
    )


def padded() -> nn.Module:
    return nn.Sequential(
        nn.ReflectionPad2d((1, 2, 0, 1)),
        nn.Conv2d(3, 8, 3, dilation=2),
        nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        nn.LPPool2d(2, 3, ceil_mode=True),
        nn.ZeroPad2d(-1),
        nn.Unflatten(1, (2, 4)),
        nn.Flatten(1, 2),
        nn.GroupNorm(2, 8),
        nn.PReLU(8),
    )


class StripPooling(nn.Module):
    """Means along each axis, added: every element of the sum has its row and its column."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.columns = nn.AdaptiveAvgPool2d((None, 1)), nn.AdaptiveAvgPool2d((1, None))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.rows(x) + self.columns(x)
        return F.max_pool2d(y, y.size()[2:])


# Name → constructor and inputs.
MODELS: dict[str, tuple[Any, list[tuple[int, ...]]]] = {
    "LeNet": (LeNet, [(1, 32, 32), (1, 28, 28), (3, 32, 32), (1, 12, 12), (1, 4, 4)]),
    "fixed view": (FixedView, [(3, 32, 32), (3, 28, 28), (32, 32, 3)]),
    "ResNet": (ResNet, [(3, 32, 32), (3, 31, 17), (1, 28, 28), (3, 1, 1)]),
    "ResNet, head of 8": (lambda: ResNet(8), [(3, 32, 32), (3, 28, 28), (3, 64, 64)]),
    "U-Net": (UNet, [(1, 64, 64), (1, 60, 60), (1, 4, 4), (3, 64, 64)]),
    "U-Net that pads": (lambda: UNet(pads=True), [(1, 64, 64), (1, 61, 70), (1, 4, 4)]),
    "U-Net that crops": (CroppingUNet, [(1, 64, 64), (1, 31, 40), (1, 7, 7)]),
    "GoogLeNet": (GoogLeNetLike, [(3, 64, 64), (3, 32, 32), (3, 8, 8)]),
    "DenseNet": (DenseNet, [(3, 32, 32), (3, 1, 1), (4, 8, 8)]),
    "gate": (lambda: SqueezeExcite(False), [(3, 9, 7), (1, 9, 7)]),
    "expanded gate": (lambda: SqueezeExcite(True), [(3, 9, 7)]),
    "strip pooling": (StripPooling, [(3, 8, 8), (3, 9, 7)]),
    "SPPF": (SPPF, [(8, 20, 20), (8, 2, 2)]),
    "audio": (Audio, [(1, 8000), (1, 1000), (1, 60), (2, 8000)]),
    "text": (TextCNN, [(50, 20), (50, 4), (20, 50)]),
    "weights": (Functional, [(3, 32, 32), (3, 1, 1), (4, 8, 8)]),
    "shared": (Shared, [(4, 6, 6)]),
    "decoder": (Decoder, [(32,), (31,)]),
    "volume": (Volume, [(1, 16, 32, 32), (1, 4, 32, 32), (1, 16, 3, 3)]),
    "patches": (PatchMixer, [(3, 32, 32), (3, 30, 30), (3, 3, 3)]),
    "VGG": (vgg, [(3, 32, 32), (3, 28, 28), (3, 64, 64), (1, 32, 32)]),
    "AlexNet": (alexnet, [(3, 224, 224), (3, 63, 63), (3, 32, 32), (224, 224, 3)]),
    "padding": (padded, [(3, 20, 20), (3, 8, 8), (3, 4, 4)]),
    "lazy": (
        lambda: nn.Sequential(nn.LazyConv2d(8, 3), nn.Flatten(), nn.LazyLinear(10)),
        [(3, 8, 8), (3, 2, 2)],
    ),
}
