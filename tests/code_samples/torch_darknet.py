import torch
from torch import nn


def conv_bn(inp, oup, k, s=1, p=None):
    p = k // 2 if p is None else p
    return nn.Sequential(
        nn.Conv2d(inp, oup, k, s, p, bias=False),
        nn.BatchNorm2d(oup),
        nn.LeakyReLU(0.1, inplace=True),
    )


class DarknetBottleneck(nn.Module):
    def __init__(self, ch):
        super().__init__()
        self.conv = nn.Sequential(conv_bn(ch, ch // 2, 1), conv_bn(ch // 2, ch, 3))

    def forward(self, x):
        return self.conv(x) + x


class SPP(nn.Module):
    def __init__(self, k=(5, 9, 13)):
        super().__init__()
        self.m = nn.ModuleList([nn.MaxPool2d(x, stride=1, padding=x // 2) for x in k])

    def forward(self, x):
        return torch.cat([x] + [m(x) for m in self.m], 1)


class Net(nn.Module):
    WIDTHS = {f"stage{i}": 32 * 2 ** i for i in range(3)}

    def __init__(self):
        super().__init__()
        ch = 16
        self.stem = conv_bn(3, ch, 3)
        self.stages = nn.ModuleDict()
        for name, width in self.WIDTHS.items():
            self.stages[name] = nn.Sequential(conv_bn(ch, width, 3, s=2), DarknetBottleneck(width))
            ch = width
        self.spp = SPP()
        self.head = nn.Conv2d(4 * ch, 30, 1)

    def forward(self, x):
        x = self.stem(x)
        for stage in self.stages.values():
            x = stage(x)
        return self.head(self.spp(x))


model = Net()
y = model(torch.randn(1, 3, 52, 60))
