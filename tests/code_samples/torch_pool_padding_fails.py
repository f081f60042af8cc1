import torch
from torch import nn

layers = [nn.Conv2d(1, 8, 3), nn.ReLU()]
layers.append(nn.MaxPool2d(2, stride=2, padding=2))
model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(8 * 15 * 15, 10))
y = model(torch.rand(1, 1, 28, 28))
