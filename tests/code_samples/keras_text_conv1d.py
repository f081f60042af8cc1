import keras
from keras import layers
from keras.models import Sequential

max_features = 2000
maxlen = 400
embedding_dims = 50

model = Sequential()
model.add(keras.Input(shape=(maxlen,)))
model.add(layers.Embedding(max_features, embedding_dims))
model.add(layers.Dropout(0.2))
model.add(layers.Conv1D(250, 3, padding="valid", activation="relu", strides=1))
model.add(layers.MaxPooling1D(5))
model.add(layers.Conv1D(64, 5, padding="causal", dilation_rate=2))
model.add(layers.GlobalMaxPooling1D())
model.add(layers.Dense(1, activation="sigmoid"))
