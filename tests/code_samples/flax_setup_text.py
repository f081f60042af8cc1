import jax
import jax.numpy as jnp
import flax.linen as nn


class Encoder(nn.Module):
    hidden: int = 24

    def setup(self):
        self.conv1 = nn.Conv(self.hidden, kernel_size=(5,), strides=2, padding="VALID")
        self.conv2 = nn.Conv(2 * self.hidden, kernel_size=(3,), padding="VALID")
        self.norm = nn.LayerNorm()
        self.head = nn.Dense(4)

    def __call__(self, x):
        x = nn.gelu(self.conv1(x))
        x = nn.max_pool(x, window_shape=(2,), strides=(2,))
        x = self.norm(self.conv2(x))
        return self.head(x.max(axis=1))


model = Encoder()
x = jnp.ones((3, 61, 7))
params = model.init(jax.random.key(1), x)
y = model.apply(params, x)
