import keras
from keras import models, layers

IMG = 28
model = models.Sequential(name="deep")
model.add(layers.Input((IMG, IMG, 1)))
for i, f in enumerate((32, 64, 128, 256)):
    model.add(layers.Conv2D(f, 3, activation='relu', name=f'conv{i + 1}'))
    model.add(layers.MaxPooling2D((2, 2), name=f'pool{i + 1}'))
model.add(layers.Flatten())
model.add(layers.Dense(10))
