"""Names of the frameworks, in the order in which they are listed everywhere.

A framework is added here by its name: `arithmetic.frameworks.<name>` holds its rules.
"""

from __future__ import annotations

COMPARED = ("pytorch", "tensorflow", "keras", "jax", "onnxruntime")  # side by side, in exercises
FRAMEWORK_NAMES = (*COMPARED, "mlx")
ALIASES = {
    "torch": "pytorch",
    "tf": "tensorflow",
    "flax": "jax",
    "onnx": "onnxruntime",
    "ort": "onnxruntime",
}
FORMULA = "formula"  # rules of a window in a convolution, no framework: see `frameworks.formula`
