import torch
import torch.nn as nn


class Flatten(nn.Module):
    def forward(self, x):
        return x.view(x.size()[0], -1)


def make_model(depth=3, width=8, img_channels=1):
    parts = []
    for i in range(depth):
        parts += [
            nn.Conv2d(img_channels if i == 0 else width * 2 ** (i - 1), width * 2 ** i, 3, padding=1),
            nn.InstanceNorm2d(width * 2 ** i, affine=True),
            nn.PReLU(width * 2 ** i),
            nn.MaxPool2d(2, ceil_mode=True) if i % 2 == 0 else nn.AvgPool2d(2),
        ]
    return nn.Sequential(*parts, Flatten(), nn.Linear(width * 2 ** (depth - 1) * 4 * 4, 10))


model = make_model()
y = model(torch.zeros((1, 1, 27, 27)))
