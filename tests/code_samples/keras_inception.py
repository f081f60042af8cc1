from keras import layers, Input, Model


def inception_module(x, filters_1x1, filters_3x3_reduce, filters_3x3, filters_5x5_reduce, filters_5x5,
                     filters_pool_proj, name=None):
    conv_1x1 = layers.Conv2D(filters_1x1, (1, 1), padding='same', activation='relu')(x)

    conv_3x3 = layers.Conv2D(filters_3x3_reduce, (1, 1), padding='same', activation='relu')(x)
    conv_3x3 = layers.Conv2D(filters_3x3, (3, 3), padding='same', activation='relu')(conv_3x3)

    conv_5x5 = layers.Conv2D(filters_5x5_reduce, (1, 1), padding='same', activation='relu')(x)
    conv_5x5 = layers.Conv2D(filters_5x5, (5, 5), padding='same', activation='relu')(conv_5x5)

    pool_proj = layers.MaxPool2D((3, 3), strides=(1, 1), padding='same')(x)
    pool_proj = layers.Conv2D(filters_pool_proj, (1, 1), padding='same', activation='relu')(pool_proj)

    output = layers.concatenate([conv_1x1, conv_3x3, conv_5x5, pool_proj], axis=3, name=name)
    return output


input_layer = Input(shape=(224, 224, 3))
x = layers.Conv2D(64, (7, 7), padding='same', strides=(2, 2), activation='relu', name='conv_1_7x7_2')(input_layer)
x = layers.MaxPool2D((3, 3), padding='same', strides=(2, 2))(x)
x = inception_module(x, 64, 96, 128, 16, 32, 32, name='inception_3a')
x = layers.MaxPool2D((3, 3), padding='same', strides=(2, 2))(x)
x = inception_module(x, 192, 96, 208, 16, 48, 64, name='inception_4a')

x1 = layers.AveragePooling2D((5, 5), strides=3)(x)
x1 = layers.Conv2D(128, (1, 1), padding='same', activation='relu')(x1)
x1 = layers.Flatten()(x1)
x1 = layers.Dense(100, activation='softmax', name='auxilliary_output_1')(x1)

model = Model(input_layer, [x1], name='inception_v1')
