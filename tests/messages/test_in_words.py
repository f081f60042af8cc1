"""How a message is put into words: a sentence, and a line of code among its fixes."""

from __future__ import annotations

import pytest

from poolviz.reading.messages import decode

SUM = "The size of tensor a ({}) must match the size of tensor b ({}) at non-singleton dimension {}"
JOINED = "A `Concatenate` layer requires inputs with matching shapes except for the concat axis. "
MERGED = "Only layers of same output shape can be merged using sum mode. Layer shapes: [{}, {}]"
OLD_RANK = "Expected 4-dimensional input for 4-dimensional weight [{}], but got 3-dimensional input"
TOLD = {
    "a view of maps keeps its channels": (
        "x = conv(x.view(b, 32, 5, 5))\nshape '[6, 32, 5, 5]' is invalid for input of size 9408",
        "6 samples of 7 × 7 × 32 instead of 5 × 5 × 32",
        "print(x.shape)",
    ),
    "an open batch shows no maps": (
        "shape '[-1, 3, 60, 60]' is invalid for input of size 9633792",
        "9,633,792 numbers do not divide into parts of 3 × 60 × 60 = 10,800.",
        "print(x.shape)",
    ),
    "a square shape is read whatever it is about": (
        "shape '[64, 32, 5, 5]' is invalid for input of size 4711",
        "the shape (64, 32, 5, 5) has 51,200 numbers, and the input has 4711.",
        "print(x.shape)",
    ),
    "a flat view": (
        "shape '[-1, 256]' is invalid for input of size 250",
        "then build the linear layer for that number of features",
        "x = torch.flatten(x, 1)",
    ),
    "a whole number of values": (
        "Input to reshape is a tensor with 5000 values, but the requested shape has 7500",
        "the new shape has 7500 numbers, and the input has 5000.",
        "print(x.shape)",
    ),
    "Flatten of Keras": (
        "Input to reshape is a tensor with 40000 values, but the requested shape requires a "
        "multiple of 1568\n\t [[{{node flatten_3/Reshape}}]]",
        "Flatten took 1568 from the input shape that the model was built for",
        "layers.GlobalAveragePooling2D()",
    ),
    "channels alone are joined along them": (
        JOINED + "Got inputs shapes: [(None, 3, 96, 96), (None, 32, 96, 96)]",
        "They differ only in axis 1, 3 and 32, so they are being joined along another axis",
        "layers.Concatenate(axis=1)([x, skip])",
    ),
    "Keras 1": (
        '"concat" mode can only merge layers with matching output shapes except for the concat '
        "axis. Layer shapes: [(None, 30, 30, 64), (None, 15, 15, 128)]",
        "the inputs have different sizes, 30 and 15",
        "x = layers.Resizing(skip.shape[1], skip.shape[2])(x)",
    ),
    "a narrow map and its channels": (
        MERGED.format("(None, 1, 40, 32)", "(None, 1, 40, 128)"),
        "Only the channels differ, 32 and 128",
        "shortcut = layers.Conv2D(128, 1)(shortcut)",
    ),
    "a volume": (SUM.format(9, 8, 2) + "\nself.up = nn.ConvTranspose3d(8, 8, 2)", ", depth:", None),
    "the batch": (SUM.format(9, 8, 0) + "\nx = conv(x)", "that is the batch.", None),
    "a single cell in rows": (
        "mat1 and mat2 shapes cannot be multiplied (16384x1 and 256x10)",
        "the 16,384 numbers of the input are 64 × 256, in 16,384 rows of 1.",
        "x = torch.flatten(x, 1)",
    ),
    "one side": (
        "mat1 and mat2 shapes cannot be multiplied (4x61440 and 65536x64)",
        "61,440 : 65,536 is 15 : 16.",
        "nn.Linear(61440, 64)",
    ),
    "an index that removed the channels": (
        OLD_RANK.format("8, 3, 5, 5") + " of size [16, 48, 48] instead",
        "No axis of the input has the 3 channels that the weights expect.",
        "print(x.shape)",
    ),
    "no files": (
        "expected conv2d_1_input to have 4 dimensions, but got array with shape (0, 1)",
        "The array has no samples: most often no file was found.",
        "",
    ),
    "an input_shape with the samples": (
        "Input 0 is incompatible with layer conv2d_7: expected ndim=4, found ndim=5",
        "an input_shape without the number of samples",
        "",
    ),
    "a grey channel at the other end": (
        "Error when checking input: expected input_1 to have shape (40, 40, 1) but got array with "
        "shape (1, 40, 40)",
        "The first axis of the input is 1: the data most likely has its channels first",
        "x = np.moveaxis(x, 1, -1)",
    ),
    "empty targets": (
        "Expected input batch_size (96) to match target batch_size (0).",
        "The target is empty.",
        "print(output.shape, target.shape)",
    ),
    "a row against a column": (
        "logits and labels must be the same size: logits_size=[1,900] labels_size=[900,1]",
        "One has all numbers in one row, the other in one column, 1 × 900 and 900 × 1",
        "print(logits.shape, labels.shape)",
    ),
    "classes of pixels": (
        "Target size (torch.Size([2, 7, 48, 64])) must be the same as input size "
        "(torch.Size([2, 5, 48, 64]))",
        "a last layer with 7 channels",
        "nn.LazyConv2d(7, 1)",
    ),
    "indices one cell apart": (
        "input and indices shapes do not match: input [1 x 4 x 20 x 30], indices [1 x 4 x 21 x 30]",
        "Most likely pooling rounded an odd size down",
        "x = unpool(x, indices, output_size=size)",
    ),
    "indices first": (
        "indices and input shapes do not match: indices [2 x 8 x 6 x 6], input [2 x 8 x 3 x 3]",
        "The input has the shape 2 × 8 × 3 × 3, and the indices 2 × 8 × 6 × 6.",
        "",
    ),
    "an output larger than its input": (
        "Adaptive pool MPS: output sizes must be divisible by input sizes.",
        "the output sizes have to be multiples of the input sizes.",
        'x = pool(x.to("cpu")).to("mps")',
    ),
    "a filter of TensorFlow 1": (
        "input and filter must have the same depth: 4 vs 3",
        "A picture of 4 channels is most likely RGBA",
        "image = tf.io.decode_image(content, channels=3)",
    ),
    "a grouped convolution": (
        "A grouped convolution was attempted to be run because the input depth of 6 does not "
        "match the filter input depth of 4 [Op:Conv2D]",
        "the weights expect 4 channels, and the input has 6.",
        "",
    ),
    "a map at a Dense layer": (
        "Input 0 is incompatible with layer dense_2: expected ndim=2, found ndim=4",
        "most likely a Flatten or global pooling is missing before it",
        "layers.Flatten()",
    ),
    "labels in place of pictures": (
        "expected flatten_1_input to have 3 dimensions, but got array with shape (5000, 1)",
        "One number per sample: these are most likely the labels",
        None,
    ),
    "an older wording of Keras": (
        "Input 0 is incompatible with layer flatten_2: expected ndim >= 3, found ndim=2",
        "The input is flat already",
        "",
    ),
    "one map of an odd width": (
        "mat1 and mat2 shapes cannot be multiplied (1750x7 and 12250x2)",
        "the 12,250 numbers of the input are 1 × 12,250, in 1750 rows of 7.",
        "x = torch.flatten(x, 1)",
    ),
    "an argument as Keras names it": (
        "The `pool_size` argument must be a tuple of 2 integers. Received pool_size=(-5, -5)",
        "the framework does not accept this pool_size.",
        None,
    ),
    "edges that were cut": (
        JOINED + "Got inputs shapes: [(None, 40, 40, 8), (None, 44, 44, 8)]",
        "The sizes differ by 4: most likely convolutions without padding cut the edges",
        "x = layers.Resizing(skip.shape[1], skip.shape[2])(x)",
    ),
    "parameters of another input": (
        'For parameter "kernel" in "/Dense_0", the given initializer is expected to generate shape '
        "(3136, 10), but the existing parameter it received has shape (1600, 10).",
        "initialise the parameters again, with an input of this shape",
        "params = model.init(key, x)",
    ),
    "a product that was cut": (
        "mat1 and mat2 shapes cannot be multiplied (32x… and 3136x64)",
        "Some of the numbers are missing from the text.",
        None,
    ),
    "outputs that were cut": (
        "mat1 and mat2 shapes cannot be multiplied (32x784 and 3136x6...)",
        "the layer was built for 3136 features, and the input has 784.",
        "nn.LazyLinear(…)",
    ),
    "a shape that was cut": (
        "weight of size [64, 3, 7, 7], expected input[8, 4, ...] to have 3 channels, but got 4 "
        "channels instead",
        "A picture of 4 channels is most likely RGBA",
        'image = image.convert("RGB")',
    ),
    "a node in small letters": (
        "dimensions must be equal, but are 20 and 21 for '{{node add_1/add}} = addv2[t=dt_float]"
        "(conv2d_1/biasadd, conv2d_2/biasadd)' with input shapes: [?,20,20,8], [?,21,21,8].",
        'layer "add_1", height and width',
        "x = layers.Resizing(skip.shape[1], skip.shape[2])(x)",
    ),
    "an array that is no map yet": (
        "cannot reshape array of shape (28, 28) (size 784) into shape (1, 32, 32, 1) (size 1024)",
        "the shape (1, 32, 32, 1) has 1024 numbers, and the input has 784.",
        "print(x.shape)",
    ),
    "flat rows instead of pictures": (
        'Input 0 of layer "functional" is incompatible with the layer: expected shape=(None, 28, '
        "28, 1), found shape=(5, 784)",
        "give the rows the shape of pictures again",
        "x = x.reshape(-1, 28, 28, 1)",
    ),
    "pictures of different sizes in an array": (
        "Cannot feed value of shape (64,) for Tensor 'x:0', which has shape '(?, 224, 224, 3)'",
        "most likely the pictures have different sizes",
        "print(x.shape)",
    ),
    "a grey picture and three means": (
        "output with shape [1, 28, 28] doesn't match the broadcast shape [3, 28, 28]",
        "Most likely transforms.Normalize was given the 3 means of a colour picture",
        "transforms.Normalize((0.5,), (0.5,))",
    ),
    "transparency and three means": (
        "in normalize\n    return tensor.sub_(mean).div_(std)\n" + SUM.format(4, 3, 0),
        "this picture has 4 channels",
        'image = image.convert("RGB")',
    ),
    "masks that are pictures": (
        "A target array with shape (8, 64, 48, 3) was passed for an output of shape "
        "(None, 64, 48, 1) while using as loss `binary_crossentropy`.",
        "most likely masks that were read as colour pictures",
        "target = target[..., :1]",
    ),
    "pixels in a row": (
        "Error when checking target: expected activation_26 to have 3 dimensions, but got array "
        "with shape (5, 96, 64, 3)",
        "The output has most likely all pixels in one axis",
        "target = target.reshape(len(target), -1, target.shape[-1])",
    ),
    "channels of Paddle": (
        "The number of input's channels should be equal to filter's channels * groups for Op(Conv)."
        " But received: the input's channels is 64, the input's shape is [1, 64, 9, 9]; the "
        "filter's channels is 12, the filter's shape is [8, 12, 3, 3]; the groups is 4, the "
        "data_format is NCHW.",
        "the weights expect 48 channels, and the input has 64.",
        "",
    ),
    "a small output": (
        "Error when checking target: expected conv2d_11 to have shape (16, 24, 1) but got array "
        "with shape (128, 192, 1)",
        "The target is 8 × as high and as wide as the output",
        "x = layers.Resizing(height, width)(x)",
    ),
    "masks in colour for many classes": (
        "Error when checking target: expected conv2d_6 to have shape (258, 250, 19) but got array "
        "with shape (258, 250, 3)",
        "a mask of class numbers: one number for each colour",
        "layers.Conv2D(3, 1)",
    ),
    "pixels in a row of Keras 1": (
        "Error when checking target: expected activation_51 to have shape (None, 4800, 2) but got "
        "array with shape (998, 60, 80)",
        "the output has the shape (?, 4800, 2) and the target (?, 60, 80). The output has most "
        "likely all pixels in one axis",
        None,
    ),
    "class numbers for columns": (
        "You are passing a target array of shape (2, 1) while using as loss "
        "`categorical_crossentropy`.",
        "The target is most likely one class number per sample",
        'model.compile(loss="sparse_categorical_crossentropy")',
    ),
    "an axis of 1 behind the channels": (
        "Input 0 of layer sequential_3 is incompatible with the layer: expected axis -1 of input "
        "shape to have value 3 but received input with shape [None, 32, 32, 3, 1]",
        "Axis 4 has size 1 and is most likely the extra one",
        "x = np.squeeze(x, axis=4)",
    ),
    "PyTorch 0.1": (
        "Need input of dimension 4 and input.size[1] == 3 but got input to be of shape: "
        "[3 x 32 x 32]",
        "a single sample without the batch axis",
        "x = x.unsqueeze(0)",
    ),
    "a negative size in a network": (
        "net = cv2.dnn.readNet(path)\nerror: (-215:Assertion failed) s >= 0 in function 'setSize'",
        "OpenCV: no window fits.",
        None,
    ),
    "a batch of an exported model": (
        "Got invalid dimensions for input: x for the following indices\n index: 0 Got: 8 "
        "Expected: 1\n Please fix either the inputs/outputs or the model.",
        "the first axis of the input has to be 1, and it is 8.",
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "words", "code"), TOLD.values(), ids=TOLD)
def test_a_message_is_told(text: str, words: str, code: str | None) -> None:
    message = decode(text)

    assert message is not None
    assert words in str(message)
    assert len(message.fixes) <= 4
    if code is not None:
        assert code in [line for _, line in message.fixes]
