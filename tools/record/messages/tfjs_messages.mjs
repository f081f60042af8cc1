// What TensorFlow.js says of shapes that do not fit, on standard output as lines of JSON:
//
//     npm install @tensorflow/tfjs@4.22.0
//     node tfjs_messages.mjs | gzip -n9 > tests/data/tfjs_messages.jsonl.gz
//
// Rows as in tools/record/messages/message_rows.py: framework, version, scenario, parameters, type, message.
import * as tf from "@tensorflow/tfjs";

await tf.setBackend("cpu");
const version = tf.version.tfjs;
const { layers } = tf;

async function said(scenario, parameters, call) {
  try {
    await call();
  } catch (error) {
    const words = String(error.message);
    console.log(JSON.stringify(["tfjs", version, scenario, parameters, error.name, words]));
  }
}

for (const [expected, got] of [[3, 4], [3, 1], [1, 3], [64, 32]]) {
  const shape = [2, 12, 9, got];
  const filter = [3, 3, expected, 8];
  await said("conv2d", { shape, filter }, () => tf.conv2d(tf.zeros(shape), tf.zeros(filter), 1, "same"));
  await said("conv2d-layer", { expected, got }, () => {
    const layer = layers.conv2d({ filters: 8, kernelSize: 3 });
    layer.build([null, 20, 20, expected]);
    return layer.apply(tf.zeros(shape));
  });
}
for (const shape of [[28, 28], [1, 4, 28, 28, 1]]) {
  const filter = [3, 3, shape.at(-1), 8];
  await said("conv2d-rank", { shape }, () => tf.conv2d(tf.zeros(shape), tf.zeros(filter), 1, "same"));
  await said("pool-rank", { shape }, () => tf.maxPool(tf.zeros(shape), 2, 2, "valid"));
  await said("conv2d-layer-rank", { shape }, () => layers.conv2d({ filters: 8, kernelSize: 3 }).apply(tf.zeros(shape)));
  await said("pool-layer-rank", { shape }, () => layers.maxPooling2d({ poolSize: 2 }).apply(tf.zeros(shape)));
}
for (const [size, kernel] of [[1, 2], [2, 5]]) {
  const shape = [1, size, size, 8];
  await said("window-pool", { shape, kernel }, () => tf.maxPool(tf.zeros(shape), kernel, kernel, "valid"));
  await said("window-conv", { shape, kernel }, () => tf.conv2d(tf.zeros(shape), tf.zeros([kernel, kernel, 8, 4]), 1, "valid"));
  await said("window-model", { shape, kernel }, () => tf.sequential({ layers: [layers.maxPooling2d({ poolSize: kernel, inputShape: shape.slice(1) })] }));
  await said("window-model-conv", { shape, kernel }, () => {
    const model = tf.sequential({ layers: [layers.conv2d({ filters: 4, kernelSize: kernel, inputShape: shape.slice(1) }), layers.flatten(), layers.dense({ units: 3 })] });
    return model.predict(tf.zeros(shape));
  });
}
for (const [first, second] of [[[1, 32, 32, 64], [1, 16, 16, 64]], [[2, 15, 20, 8], [2, 16, 20, 8]]]) {
  const parameters = { first, second };
  await said("add", parameters, () => tf.add(tf.zeros(first), tf.zeros(second)));
  await said("concat", parameters, () => tf.concat([tf.zeros(first), tf.zeros(second)], 3));
  const inputs = () => [first, second].map((shape) => tf.input({ shape: shape.slice(1) }));
  await said("add-layer", parameters, () => layers.add().apply(inputs()));
  await said("concat-layer", parameters, () => layers.concatenate().apply(inputs()));
}
for (const [got, expected] of [[4608, 6272], [400, 256]]) {
  const parameters = { got, expected };
  await said("matmul", parameters, () => tf.matMul(tf.zeros([4, got]), tf.zeros([expected, 10])));
  await said("reshape", parameters, () => tf.reshape(tf.zeros([4, got]), [4, expected]));
  await said("reshape-open", parameters, () => tf.reshape(tf.zeros([3, got]), [-1, expected]));
  await said("dense", parameters, () => {
    const layer = layers.dense({ units: 10 });
    layer.build([null, expected]);
    return layer.apply(tf.zeros([2, got]));
  });
}
for (const [shape, got, target] of [
  [[28, 28, 1], [4, 28, 28], [4, 10]],
  [[28, 28, 1], [4, 28, 28, 3], [4, 10]],
  [[64, 64, 3], [3, 48, 48, 3], [3, 10]],
  [[28, 28, 1], [28, 28, 1], [28, 10]],
  [[28, 28, 1], [4, 28, 28, 1], [4, 1]],
]) {
  for (const flat of [true, false]) {
    const model = () => {
      const made = tf.sequential();
      made.add(layers.conv2d({ filters: 4, kernelSize: 3, inputShape: shape }));
      made.add(layers.maxPooling2d({ poolSize: 2 }));
      if (flat) made.add(layers.flatten());
      made.add(layers.dense({ units: 10 }));
      made.compile({ optimizer: "sgd", loss: "meanSquaredError" });
      return made;
    };
    const parameters = { shape, got, target, flat };
    await said("predict", parameters, () => model().predict(tf.zeros(got)));
    await said("fit", parameters, () => model().fit(tf.zeros(got), tf.zeros(target), { verbose: 0 }));
  }
}
await said("open-flatten", {}, () => {
  const x = tf.input({ shape: [null, null, 64] });
  return layers.dense({ units: 3 }).apply(layers.flatten().apply(x));
});
await said("reflect", { shape: [1, 2, 9, 3], pad: 3 }, () => tf.mirrorPad(tf.zeros([1, 2, 9, 3]), [[0, 0], [3, 3], [3, 3], [0, 0]], "reflect"));
