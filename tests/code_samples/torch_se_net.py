import torch
from torch import nn


class SELayer(nn.Module):
    def __init__(self, channel, reduction=16):
        super(SELayer, self).__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(
            nn.Linear(channel, channel // reduction, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(channel // reduction, channel, bias=False),
            nn.Sigmoid()
        )

    def forward(self, x):
        b, c, _, _ = x.size()
        y = self.avg_pool(x).view(b, c)
        y = self.fc(y).view(b, c, 1, 1)
        return x * y.expand_as(x)


class Block(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, 3, 2, 1)
        self.norm = nn.GroupNorm(8, cout)
        self.act = nn.SiLU()
        self.se = SELayer(cout, 8)

    def forward(self, x):
        return self.se(self.act(self.norm(self.conv(x))))


class SENet(nn.Module):
    def __init__(self, widths=(32, 64, 128)):
        super().__init__()
        blocks = []
        cin = 3
        for cout in widths:
            blocks.append(Block(cin, cout))
            cin = cout
        self.blocks = nn.ModuleList(blocks)
        self.head = nn.Linear(widths[-1], 10)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        x = nn.functional.adaptive_avg_pool2d(x, (1, 1)).squeeze(-1).squeeze(-1)
        return self.head(x)


model = SENet()
y = model(torch.ones(2, 3, 40, 60))
