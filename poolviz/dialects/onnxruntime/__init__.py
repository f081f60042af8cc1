"""onnxruntime and ONNX: messages and code."""
