import torch
import torch.nn as nn
import torch.nn.functional as F

x = torch.randn(1, 3, 28, 28)
conv1 = nn.Conv2d(3, 32, 3)
conv2 = nn.Conv2d(32, 64, 3, stride=2)
x = F.relu(conv1(x))
print(x.shape)
x = F.max_pool2d(x, 3, stride=2)
x = conv2(x)
y = F.adaptive_max_pool2d(x, 2).flatten(1)
print(y.shape)
