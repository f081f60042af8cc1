"""Texts that look like messages about feature maps and are about something else."""

from __future__ import annotations

LOOKALIKES = [
    # Memory, devices, types.
    "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 512.00 MiB (GPU 0; 10.76 "
    "GiB total capacity; 9.12 GiB already allocated; 302.44 MiB free)",
    "RuntimeError: [enforce fail at alloc_cpu.cpp:73] DefaultCPUAllocator: not enough memory: you "
    "tried to allocate 1258291200 bytes.",
    "RuntimeError: Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should "
    "be the same",
    "RuntimeError: mat1 and mat2 must have the same dtype, but got Double and Float",
    "RuntimeError: cuDNN error: CUDNN_STATUS_NOT_SUPPORTED. This error may appear if you passed in "
    "a non-contiguous input.",
    # Products that are not layers.
    "ValueError: matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc "
    "signature (n?,k),(k,m?)->(n?,m?) (size 3 is different from 4)",
    "RuntimeError: Expected size for first two dimensions of batch2 tensor to be: [3, 5] but got: "
    "[3, 4].",
    "RuntimeError: size mismatch, got input (4), mat (4x5), vec (4)",
    "RuntimeError: inconsistent tensor size, expected tensor [3] and src [4] to have the same "
    "number of elements, but got 3 and 4 elements respectively",
    "RuntimeError: einsum(): subscript j has size 5 for operand 1 which does not broadcast with "
    "previously seen size 4",
    # NumPy and pandas.
    "ValueError: operands could not be broadcast together with shapes (128,128,3) (128,128)",
    "ValueError: could not broadcast input array from shape (224,224,3) into shape (224,224)",
    "ValueError: cannot reshape array of size 2352 into shape (28,28)",
    "ValueError: all input arrays must have the same shape",
    "ValueError: Length of values (99) does not match length of index (100)",
    "ValueError: Shape of passed values is (100, 3), indices imply (100, 4)",
    "ValueError: Expected 2D array, got 1D array instead: array=[1. 2. 3.].",
    "ValueError: Found array with dim 4. Estimator expected <= 2.",
    "ValueError: X has 10 features, but StandardScaler is expecting 12 features as input.",
    # Data loading.
    "RuntimeError: stack expects each tensor to be equal size, but got [3, 224, 224] at entry 0 "
    "and [3, 200, 224] at entry 1",
    "RuntimeError: each element in list of batch should be of equal size",
    "cv2.error: OpenCV(4.8.0) resize.cpp:4062: error: (-215:Assertion failed) !ssize.empty() in "
    "function 'resize'",
    # Sequences, attention, embeddings.
    "RuntimeError: input.size(-1) must be equal to input_size. Expected 10, got 11",
    "ValueError: LSTM: Expected input to be 2D or 3D, got 4D instead",
    "RuntimeError: Expected hidden[0] size (2, 64, 128), got [2, 32, 128]",
    "AssertionError: was expecting embedding dimension of 8, but got 9",
    '  File "modeling_bert.py", line 245, in forward\n    attention_scores = attention_scores + '
    "attention_mask\nRuntimeError: The size of tensor a (512) must match the size of tensor b "
    "(640) at non-singleton dimension 3",
    '  File "attention.py", in forward\n    q = q.view(bsz, seq_len, n_heads, head_dim)  # tokens\n'
    "RuntimeError: shape '[1, 512, 12, 64]' is invalid for input of size 786432",
    "RuntimeError: The size of tensor a (30522) must match the size of tensor b (30524) at "
    "non-singleton dimension 0",
    "RuntimeError: The size of tensor a (768) must match the size of tensor b (1024) at "
    "non-singleton dimension 1",
    "RuntimeError: The expanded size of the tensor (640) must match the existing size (512) at "
    "non-singleton dimension 1. Target sizes: [2, 640]. Tensor sizes: [1, 512]",
    "RuntimeError: Given normalized_shape=[8], expected input with shape [*, 8], but got input of "
    "size[2, 4, 16]",
    "The image patches and the text have another sequence length:\nRuntimeError: The size of "
    "tensor a (990) must match the size of tensor b (1021) at non-singleton dimension 3",
    "    x = x + self.pe[: x.size(0)]\nRuntimeError: The size of tensor a (256) must match the "
    "size of tensor b (4000) at non-singleton dimension 2",
    "    mask = mask * mel_frames  # speech\nRuntimeError: The size of tensor a (448) must match "
    "the size of tensor b (452) at non-singleton dimension 2",
    "    scores = torch.softmax(q / scale, -1)\nRuntimeError: The size of tensor a (16) must match "
    "the size of tensor b (512) at non-singleton dimension 2",
    "IndexError: index out of range in self",
    # Checkpoints.
    "RuntimeError: Error(s) in loading state_dict for Net:\n\tsize mismatch for conv1.weight: "
    "copying a param with shape torch.Size([64, 3, 7, 7]) from checkpoint, the shape in current "
    "model is torch.Size([64, 1, 7, 7]).",
    "ValueError: Cannot assign value to variable 'conv2d/kernel:0': Shape mismatch. The variable "
    "shape (3, 3, 3, 32), and the assigned value shape (3, 3, 1, 32) are incompatible.",
    # Logs and prose.
    "Epoch 3/10: loss 0.31, batch_size 64, lr 0.001, input size (3, 224, 224), output size (10,)",
    "[libx264 @ 0x55] width not divisible by 2 (1279x720)",
    "ffmpeg: Output size is too small for the selected codec, increase the bitrate",
    "The number of pages must be divisible by 4 for this booklet.",
    "GPU memory 8x4096 MB, 1024x10 blocks",
    "Expected 2 arguments, got 3",
    # More of memory, devices and types.
    "XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8589934592 bytes.",
    "ResourceExhaustedError: OOM when allocating tensor with shape[128,64,224,224] [Op:Conv2D]",
    "RuntimeError: Input type (unsigned char) and bias type (float) should be the same",
    # More products.
    "RuntimeError: mat1 dim 1 must match mat2 dim 0",
    "RuntimeError: batch1 and batch2 must have same number of batches, got 8 and 4",
    "RuntimeError: self and mat2 must have the same dtype, but got Half and Float",
    # More of NumPy, pandas, scikit-learn, Matplotlib.
    "ValueError: operands could not be broadcast together with shapes (64,64,3) (3,64,64) ",
    "ValueError: could not broadcast input array from shape (30,30) into shape (30,30,1)",
    "ValueError: setting an array element with a sequence. The requested array has an "
    "inhomogeneous shape after 1 dimensions. The detected shape was (32,) + inhomogeneous part.",
    "ValueError: cannot reshape array of size 150528 into shape (1,200,200,1)",
    "numpy.exceptions.AxisError: axis 3 is out of bounds for array of dimension 3",
    "ValueError: axes don't match array",
    "ValueError: Length mismatch: Expected axis has 5 elements, new values have 4 elements",
    "ValueError: Columns must be same length as key",
    "ValueError: Found input variables with inconsistent numbers of samples: [1000, 800]",
    "ValueError: x and y must have same first dimension, but have shapes (10,) and (9,)",
    "TypeError: Invalid shape (1, 30, 30) for image data",
    "LinAlgError: Last 2 dimensions of the array must be square",
    # More of data loading.
    "RuntimeError: stack expects each tensor to be equal size, but got [1, 30, 30] at entry 0 and "
    "[3, 30, 30] at entry 7",
    "RuntimeError: Trying to resize storage that is not resizable",
    "InvalidArgumentError: Cannot batch tensors with different shapes in component 0. First "
    "element had shape [200,200,3] and element 1 had shape [200,200,4]. [Op:IteratorGetNext]",
    "error: (-215:Assertion failed) !_src.empty() in function 'cvtColor'",
    "small = cv2.resize(frame, (w // k, h // k))\ncv2.error: OpenCV(4.8.0) matrix.cpp:246: error: "
    "(-215:Assertion failed) s >= 0 in function 'setSize'",
    "error: (-209:Sizes of input arguments do not match) The operation is neither 'array op array' "
    "(where arrays have the same size and the same number of channels), nor 'array op scalar'",
    # More of sequences and attention.
    "ValueError: Attention mask should be of size (1, 1, 7, 15), but is torch.Size([1, 1, 7, 7])",
    "RuntimeError: The shape of the 2D attn_mask is torch.Size([20, 20]), but should be (32, 32).",
    "AssertionError: embed_dim must be divisible by num_heads",
    "ValueError: The hidden size (770) is not a multiple of the number of attention heads (12)",
    "RuntimeError: For unbatched 2-D input, hx and cx should also be 2-D but got (3-D, 3-D)",
    "RuntimeError: start (0) + length (128) exceeds dimension size (64).",
    "RuntimeError: input must have 3 dimensions, got 2",
    "InvalidArgumentError: indices[0,5] = 10000 is not in [0, 10000) [[embedding_lookup]]",
    "RuntimeError: The size of tensor a (2708) must match the size of tensor b (10556) at "
    "non-singleton dimension 0\n  out = self.propagate(edge_index, x=x)",
    "RuntimeError: The size of tensor a (64) must match the size of tensor b (32) at non-singleton "
    "dimension 0\n  exp_avg.lerp_(grad, 1 - beta1)  # optimiser",
    # More of checkpoints.
    'ValueError: Layer #12 (named "conv2d_5"), weight <Variable path=conv2d_5/kernel, shape=(3, 3, '
    "64, 128)> has shape (3, 3, 64, 128), but the saved weight has shape (128, 64, 3, 3).",
    "ValueError: You are trying to load a weight file containing 16 layers into a model with 17 "
    "layers.",
    "Assign requires shapes of both tensors to match. lhs shape= [3,3,64,128] rhs shape= "
    "[3,3,128,64]",
    # More of logs and prose.
    "conv2d (Conv2D) (None, 26, 26, 32) 320\nmax_pooling2d (MaxPooling2D) (None, 13, 13, 32) 0\n"
    "flatten (Flatten) (None, 5408) 0",
    "INFO: kernel size 3x3, stride 2, padding 1, input (1, 3, 224, 224), output (1, 64, 112, 112)",
    "epoch 1/5 | batch [32, 3, 64, 64] -> output [32, 10] | loss 2.302\nepoch 2/5 | loss 1.9",
    "height not divisible by 2 (1280x719)",
    "caps negotiation failed: video/x-raw, width=640, height=480 expected 3 channels got 4",
    "Image dimensions should be at least 200x200 pixels, got 150x150.",
    # More of sums in place, and of arrays that are fed.
    "RuntimeError: output with shape [1, 1, 768] doesn't match the broadcast shape [1, 2, 768]",
    "RuntimeError: output with shape [4096, 1] doesn't match the broadcast shape [4096, 4096]",
    "RuntimeError: output with shape [50, 4, 4] doesn't match the broadcast shape [50, 50, 4, 4]",
    "ValueError: Cannot feed value of shape (63, 30, 200) for Tensor 'hypothesis:0', which has "
    "shape '(128, 30, 200)'",
    "ValueError: Cannot feed value of shape (50,) for Tensor 'Placeholder_1:0', which has shape "
    "'(?, 10)'",
    "ValueError: Cannot feed value of shape (1024, 1) for Tensor 'input/label:0', which has shape "
    "'(1024,)'",
    # Tables, memory, checkpoints, sequences, compilers and logs.
    "sqlite3.OperationalError: table images has 4 columns but 3 values were supplied",
    "ValueError: Number of features of the model must match the input. Model n_features is 64 "
    "and input n_features is 63",
    "ValueError: feature_names mismatch: ['f0', 'f1'] ['a', 'b']\nexpected f0 in input data",
    "IndexError: index 10 is out of bounds for axis 0 with size 10",
    "IndexError: too many indices for array: array is 2-dimensional, but 3 were indexed",
    "ValueError: all the input array dimensions except for the concatenation axis must match "
    "exactly, but along dimension 1, the array at index 0 has size 3 and the array at index 1 "
    "has size 4",
    "numpy.linalg.LinAlgError: Last 2 dimensions of the array must be square",
    "ValueError: cannot reindex on an axis with duplicate labels",
    "RuntimeError: CUDA error: device-side assert triggered\nCUDA kernel errors might be "
    "asynchronously reported",
    "RuntimeError: NCCL communicator was aborted on rank 1",
    "RuntimeError: DataLoader worker (pid 12345) is killed by signal: Killed.",
    "KeyError: 'model_state_dict'",
    "RuntimeError: one of the variables needed for gradient computation has been modified by an"
    " inplace operation: [torch.cuda.FloatTensor [64, 128, 7, 7]], which is output 0 of "
    "ReluBackward0, is at version 2; expected version 1 instead.",
    "RuntimeError: Trying to backward through the graph a second time",
    "RuntimeError: expected scalar type Half but found Float",
    "RuntimeError: Expected all tensors to be on the same device, but found at least two "
    "devices, cuda:0 and cpu!",
    "RuntimeError: For batched 3-D input, hx should also be 3-D but got 2-D tensor",
    "AssertionError: The shape of the 2D attn_mask is torch.Size([10, 10]), but should be (12, "
    "12).",
    "Token indices sequence length is longer than the specified maximum sequence length for "
    "this model (612 > 512)",
    "ValueError: Expected input batch_size to be a multiple",
    "ValueError: Target size must be given",
    "jax.errors.TracerArrayConversionError: The numpy.ndarray conversion method __array__() was"
    " called on traced array with shape float32[3]",
    "TypeError: sub got incompatible shapes for broadcasting: (128,), (64,).",
    "ValueError: Incompatible shapes for broadcasting: shapes=[(3,), (4,)]",
    "TypeError: dot_general requires contracting dimensions to have the same shape, got (768,) "
    "and (512,).\nin self_attention",
    "jaxlib.xla_extension.XlaRuntimeError: INVALID_ARGUMENT: Executable expected parameter 0 of"
    " size 4096 but got buffer with incompatible size 1024",
    "tensorflow.python.framework.errors_impl.NotFoundError: Key conv1/bias not found in checkpoint",
    "tensorflow.python.framework.errors_impl.InvalidArgumentError: Assign requires shapes of "
    "both tensors to match. lhs shape= [90] rhs shape= [91]",
    "InvalidArgumentError: Incompatible shapes: [32,128] vs. [32,64]\n [[node lstm/while/add]]",
    "InvalidArgumentError: Expected dimension in the range [-1, 1), but got 1 [Op:ArgMax]",
    "ValueError: Layer 'dense' expected 2 variables, but received 0 variables during loading. "
    "Expected: ['kernel', 'bias']",
    "ValueError: Layer count mismatch when loading weights from file. Model expected 16 layers,"
    " found 15 saved layers.",
    "ValueError: Weight count mismatch for layer #3 (named conv2d_3 in the current model, "
    "conv2d_2 in the save file). Layer expects 2 weight(s). Received 5 saved weight(s)",
    "ValueError: Data cardinality is ambiguous. Make sure all arrays contain the same number of"
    " samples. 'x' sizes: 100 'y' sizes: 99",
    "UserWarning: Using a target size (torch.Size([64])) that is different to the input size",
    "cv2.error: OpenCV(4.8.0) error: (-215:Assertion failed) !ssize.empty() in function "
    "'cv::resize'",
    "cv2.error: OpenCV(4.5.1) error: (-2:Unspecified error) in function 'cv::impl::CvtHelper' "
    "Invalid number of channels in input image: 'VScn::contains(scn)' where 'scn' is 1",
    "cv2.error: error: (-209:Sizes of input arguments do not match) The operation is neither "
    "'array op array'",
    "PIL.UnidentifiedImageError: cannot identify image file '/data/img_0001.jpg'",
    "ValueError: tile cannot extend outside image",
    "TypeError: Cannot handle this data type: (1, 1, 3), <f4",
    "ffmpeg: [libx264] height not divisible by 2 (1920x1081)",
    "docker: Error response from daemon: OCI runtime create failed: container_linux.go:380",
    "kernel size 3, stride 2, padding 1, output size 112: see the table in section 4",
    'nginx: [emerg] invalid number of arguments in "upstream" directive in '
    "/etc/nginx/nginx.conf:12",
    "Segmentation fault (core dumped) at 0x7f3a size 4096",
    "kafka.errors.MessageSizeTooLargeError: The message is 1048588 bytes when serialized which "
    "is larger than 1048576",
    "AssertionError: Torch not compiled with CUDA enabled",
    "[W pthreadpool-cpp.cc:90] Warning: Leaking Caffe2 thread-pool after fork.",
    "epoch 12 | loss 0.31 | acc 0.91 | input (64, 3, 224, 224) | output (64, 10)",
    "error C2660: 'cv::pool': function does not take 3 arguments",
    "java.lang.ArrayIndexOutOfBoundsException: Index 5 out of bounds for length 5",
    # Divisions, lengths and joins of other programs.
    "ZeroDivisionError: float division by zero",
    "AssertionError: len((3, 4)) != len((3, 4, 5))",
    "RuntimeError: torch.cat(): expected a non-empty list of Tensors",
    "AssertionError: batch_size 10 not divisible by number of GPUs 4",
    "AssertionError: Number of anchors 9 does not match number of feature maps 5",
    "RuntimeError: The shape of the mask [8400] at index 0 does not match the shape of the indexed "
    "tensor [6300] at index 0",
    "TypeError: add got incompatible shapes for broadcasting: (2, 8), (3, 8).",
    "ValueError: Data cardinality is ambiguous:\n  x sizes: 90\n  y sizes: 50\nMake sure all "
    "arrays contain the same number of samples.",
    'Input 0 of layer "bidirectional" is incompatible with the layer: expected ndim=3, found '
    "ndim=4. Full shape received: (None, 8, 32, 64)",
    "loss = f(y_true - y_pred)\nRuntimeError: element 0 of tensors does not require grad",
]
