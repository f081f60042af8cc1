"""Names of Keras in source code, with the functions of TensorFlow used beside its layers."""

from __future__ import annotations

from poolviz.dialects.common.names import Module, SourceNames
from poolviz.dialects.keras.functions import FUNCTIONS
from poolviz.dialects.keras.layers import CLASSES

_OF_LAYERS = ("Input", "InputLayer", "Concatenate", "Add", "Multiply", "concatenate")

NAMES = SourceNames(
    packages=("keras",),
    modules=(
        Module(prefix="keras.", classes=CLASSES, functions=FUNCTIONS),
        Module(prefix="tensorflow.", functions=FUNCTIONS),
    ),
    methods=FUNCTIONS,
    bases=frozenset({"Sequential", "Model", "Layer"}),
    signs=r"\bkeras\b|\b(?:Conv|MaxPool(?:ing)?|AveragePooling)\dD\b|\bDense\(|\btf\.",
    usual={
        "tf": "tensorflow",
        "tensorflow": "tensorflow",
        "keras": "keras",
        "layers": "keras.layers",
        "models": "keras.models",
        "K": "keras.backend",
    },
    own={
        "Sequential": "keras.Sequential",
        "Model": "keras.Model",
        **{name: f"keras.layers.{name}" for name in _OF_LAYERS},
    },
    layer_module="keras.layers",
    aliases={
        r"^(?:tensorflow\.(?:(?:python|compat\.v\d|_api\.v\d)\.)?keras|tf_keras|"
        r"keras\.(?:src|api))(?=\.|$)": "keras",
    },
    ignored_arguments=(
        r".*_(?:initializer|regularizer|constraint)|name|dtype|trainable|(?:batch_)?input_shape|"
        r"batch_shape|batch_size|input_dim|input_length|autocast|weights|seed|data_format|"
        r"mask_zero|fill_\w+|interpolation|value_range|renorm\w*|synchronized|fused|lora_\w+|"
        r"antialias|alpha|pad_to_aspect_ratio|virtual_batch_size|implementation|axis|arguments|"
        r"output_shape|mask"
    ),
    has_data_format=True,
    layer_modules=("keras.layers.",),
    function_path=r"(?:keras|tensorflow)\.",
    array_packages=("tensorflow", "keras"),
    embedding=("input_dim", "output_dim"),
)
