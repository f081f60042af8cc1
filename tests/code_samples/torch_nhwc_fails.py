import torch
import torch.nn as nn
model = nn.Sequential()
model.add_module("conv1", nn.Conv2d(3, 16, kernel_size=3))
model.add_module("relu1", nn.ReLU())
model.add_module("pool1", nn.AvgPool2d(2))
model.add_module("flatten", nn.Flatten())
model.add_module("fc", nn.LazyLinear(5))
images = torch.rand(2, 64, 64, 3)
y = model(images)
