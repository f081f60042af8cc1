import keras
from keras import backend as K
from keras.layers import (Input, Conv2D, MaxPooling2D, Flatten, Dense, BatchNormalization,
                          Cropping2D, AveragePooling2D, concatenate)
from keras.models import Model

rows, cols = 28, 30
FIRST = "channels_first"
a = Input((1, rows, cols))
x = Conv2D(8, (5, 3), data_format=FIRST)(a)
x = BatchNormalization(axis=1)(x)
p = MaxPooling2D((2, 2), data_format=FIRST)(x)
q = AveragePooling2D(2, data_format=FIRST)(x)
x = concatenate([p, q], axis=1)
x = Cropping2D(((1, 0), (2, 1)), data_format=FIRST)(x)
x = Flatten()(x)
model = Model(a, Dense(10)(x))
