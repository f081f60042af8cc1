"""Names of the frameworks, in the order in which they are listed everywhere.

A framework is added here by its name: `arithmetic.frameworks.<name>` holds its rules.
"""

from __future__ import annotations

FRAMEWORK_NAMES = ("pytorch", "tensorflow", "keras", "jax", "onnxruntime")
