import jax.numpy as jnp
from flax import nnx


class Net(nnx.Module):
  def __init__(self, rngs):
    self.conv = nnx.Conv(3, 8, kernel_size=(3, 3), padding="VALID", rngs=rngs)
    self.linear = nnx.Linear(8 * 14 * 14, 10, rngs=rngs)

  def __call__(self, x):
    x = nnx.max_pool(nnx.relu(self.conv(x)), (2, 2), strides=(2, 2))
    return self.linear(x.reshape((x.shape[0], -1)))


model = Net(nnx.Rngs(0))
y = model(jnp.ones((1, 32, 32, 3)))
