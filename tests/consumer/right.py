"""Uses of the public API as in the README: mypy accepts them in strict mode."""

from pathlib import Path

import numpy as np

import poolviz as pv

layer = pv.Pool(kernel_size=3, stride=2, padding=1, op="max", framework="pytorch")
other = pv.Pool((5, 3), stride=(2, 1), padding=((0, 1), (1, 1)), dilation=1, ceil_mode=True)
same = pv.Pool(3, padding="same", framework="keras", count_include_pad=False)

size: int | tuple[int, ...] = pv.output_size(10, kernel_size=3, stride=5)
pv.output_size((10, 12), 3, padding=1)
try:
    pv.output_size(10, 15)
except pv.PoolShapeError as error:
    diagnosis: pv.Diagnosis = error.diagnosis
    print(diagnosis.ok, [fix.text for fix in diagnosis.fixes], [f.axes for f in diagnosis.findings])

traced: pv.Trace = pv.trace(layer, 10)
outcome: str = traced.outcome
starts: list[tuple[int, ...]] = [tuple(axis.window_starts) for axis in traced.axes]
print(pv.diagnose(layer, (4, 6)).ok, pv.compare(traced), traced.formula)

values = pv.pool(np.arange(16.0).reshape(4, 4), pv.Pool(2))
print(values.shape, pv.pool_indices(values, pv.Pool(2)).dtype)

message = pv.decode("Negative dimension size caused by subtracting 2 from 1 for 'pool1/MaxPool'")
if message is not None:
    print(message.kind, message.framework, message.axis, message.layer)

stack = pv.Stack([pv.Conv(32, 3), pv.Pool(2)], input_shape=(28, 28, 1), framework="keras")
named = pv.Stack([("a", pv.Pool(2)), ("b", pv.Flatten())], (1, 28, 28))
pv.Stack((pv.Linear(10),), input_shape=[784], data_format="channels_last")
failure = stack.first_failure
if failure is not None:
    print(failure.index, failure.diagnosis)
shapes: list[tuple[int, ...]] = [row.output_shape for row in stack.rows]
read: pv.Stack = pv.read_code("model = nn.Sequential(nn.MaxPool2d(2))", input_shape=(1, 8, 8))
model: object = [pv.Conv(8, 3), pv.Pool(2)]
try:
    pv.read_model(model, input_shape=(3, 32, 32))
except pv.NoModel as error:
    print(error)

exercise: pv.Exercise = pv.exercise(pv.exercises()[0], seed=1)
feedback: pv.Feedback = exercise.check("5")
print(feedback.score, exercise.next().question)
pv.set_language("en")

figure = pv.draw(layer, 10)
figure.savefig(Path("picture.png"))
explorer = pv.PoolExplorer(10, kernel_size=15)
explorer.layer = layer
explorer.input_size = 7
pv.PoolExplorer(input=np.ones((4, 4)), kernel_size=2)
pv.StackExplorer(stack)
pv.StackExplorer(model, input_shape=(3, 32, 32))
decoder = pv.ErrorDecoder("a message")
decoder.text = "another one"
pv.SizeMap(input_size=10, kernel_size=3)
pv.SizeMap(10, 3, stride=2, x="stride", y="kernel_size")
pv.FrameworkComparison(10, 3, padding="same", framework="keras")
pv.ExerciseCard()
