"""onnxruntime and ONNX: messages."""
