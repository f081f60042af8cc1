import keras
from keras.layers import Conv2D, Dense, DepthwiseConv2D, Flatten, MaxPool2D, BatchNormalization


class ConvBlock(keras.layers.Layer):
    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.depthwise = DepthwiseConv2D(3, padding="same")
        self.pointwise = Conv2D(filters, 1)
        self.bn = BatchNormalization()

    def call(self, inputs, training=None):
        x = self.depthwise(inputs)
        x = self.pointwise(x)
        return self.bn(x, training=training)


class MyModel(keras.Model):
    def __init__(self, num_classes=10):
        super(MyModel, self).__init__()
        self.conv1 = Conv2D(32, 3, activation='relu')
        self.pool = MaxPool2D()
        self.block = ConvBlock(48)
        self.flatten = Flatten()
        self.d1 = Dense(128, activation='relu')
        self.d2 = Dense(num_classes)

    def call(self, x):
        x = self.conv1(x)
        x = self.pool(x)
        x = self.block(x)
        x = self.flatten(x)
        x = self.d1(x)
        return self.d2(x)


# Create an instance of the model
model = MyModel()
model.build(input_shape=(None, 28, 28, 1))
