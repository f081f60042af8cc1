"""Names of PyTorch in source code."""

from __future__ import annotations

from poolviz.dialects.common.names import Module, SourceNames
from poolviz.dialects.pytorch.functions import FUNCTIONS
from poolviz.dialects.pytorch.layers import CLASSES

NAMES = SourceNames(
    packages=("torch",),
    modules=(Module(prefix="torch.", classes=CLASSES, functions=FUNCTIONS),),
    methods=FUNCTIONS,
    bases=frozenset({"Module", "Sequential"}),
    other_bases=frozenset({"LightningModule"}),
    signs=r"\btorch\b|\b(?:Conv|MaxPool|AvgPool)\dd\b|\bnn\.Linear\b|\bForward\b|\bF\.\w+\(",
    usual={"torch": "torch", "F": "torch.nn.functional", "summary": "torchsummary.summary"},
    own={"nn": "torch.nn", "Sequential": "torch.nn.Sequential"},
    layer_module="torch.nn",
    layer_modules=("torch.nn.",),
    function_path=r"torch\.(?:nn\.functional\.|special\.)?\w+$",
    argument_aliases={"axis": "dim", "keepdims": "keepdim"},
    array_packages=("torch",),
    embedding=("num_embeddings", "embedding_dim"),
    adds_batch=True,
    numbers_layers=True,
    read_at_calls={
        r"^(Max|Avg|LP|Adaptive\w+)Pool\dd$": frozenset(
            ["kernel_size", "stride", "padding", "dilation", "ceil_mode", "output_size"]
        ),
        r"^Conv": frozenset(["stride", "padding", "dilation", "groups", "output_padding"]),
        r"^Upsampl": frozenset(["size", "scale_factor", "mode"]),
        r"Pad\dd$": frozenset(["padding"]),
        r"^(Unf|F)latten$": frozenset(["start_dim", "end_dim", "dim", "unflattened_size"]),
    },
    weights=("weight", "bias"),
)
