"""poolviz shows, breaks, explains and repairs pooling shapes.

>>> import poolviz as pv
>>> pv.output_size(10, kernel_size=3, stride=5)
2
"""

from __future__ import annotations

from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Public name → the module that holds it. Nothing is loaded before its first use (PEP 562), so
# `import poolviz` costs no numpy, matplotlib or ipywidgets.
_SHELF = {
    "Pool": "poolviz.arithmetic.layers",
    "Trace": "poolviz.arithmetic.trace",
    "trace": "poolviz.arithmetic.trace",
    "FRAMEWORKS": "poolviz.arithmetic.frameworks",
    "output_size": "poolviz.diagnosis.diagnose",
    "diagnose": "poolviz.diagnosis.diagnose",
    "Diagnosis": "poolviz.diagnosis.diagnose",
    "PoolShapeError": "poolviz.diagnosis.diagnose",
    "compare": "poolviz.diagnosis.comparison",
    "convert": "poolviz.diagnosis.conversion",
    "Conversion": "poolviz.diagnosis.conversion",
    "decode": "poolviz.diagnosis.reading.messages",
    "Message": "poolviz.diagnosis.reading.messages",
    "read_code": "poolviz.diagnosis.reading.code.reader",
    "read_model": "poolviz.diagnosis.reading.models.reader",
    "NotRead": "poolviz.diagnosis.reading.source",
    "Source": "poolviz.diagnosis.reading.source",
    "NoModel": "poolviz.diagnosis.reading.source",
    "InputShapeNeeded": "poolviz.diagnosis.reading.source",
    "pool": "poolviz.diagnosis.arrays",
    "pool_indices": "poolviz.diagnosis.arrays",
    "pool_gradient": "poolviz.diagnosis.arrays",
    "Stack": "poolviz.diagnosis.stack",
    "Conv": "poolviz.arithmetic.convolutions",
    "ConvTranspose": "poolviz.arithmetic.convolutions",
    "DepthwiseConv": "poolviz.arithmetic.convolutions",
    "AdaptivePool": "poolviz.arithmetic.operations",
    "GlobalPool": "poolviz.arithmetic.operations",
    "Flatten": "poolviz.arithmetic.operations",
    "Linear": "poolviz.arithmetic.operations",
    "ZeroPad": "poolviz.arithmetic.operations",
    "Crop": "poolviz.arithmetic.operations",
    "Upsample": "poolviz.arithmetic.operations",
    "Concatenate": "poolviz.arithmetic.operations",
    "Add": "poolviz.arithmetic.operations",
    "Same": "poolviz.arithmetic.operations",
    "Reshape": "poolviz.arithmetic.operations",
    "Permute": "poolviz.arithmetic.operations",
    "Named": "poolviz.arithmetic.operations",
    "exercises": "poolviz.exercises",  # the package itself: it can be called
    "exercise": "poolviz.exercises.library",
    "Exercise": "poolviz.exercises.model",
    "Feedback": "poolviz.exercises.model",
    "set_language": "poolviz.texts.language",
    "draw": "poolviz.drawing.draw",
    "PoolExplorer": "poolviz.widgets.explorer",
    "StackExplorer": "poolviz.widgets.stack_explorer",
    "ErrorDecoder": "poolviz.widgets.decoder",
    "SizeMap": "poolviz.widgets.size_map",
    "ExerciseCard": "poolviz.widgets.exercise_card",
    "FrameworkComparison": "poolviz.widgets.framework_comparison",
}

__all__ = sorted(_SHELF)

if TYPE_CHECKING:
    from poolviz.arithmetic.convolutions import Conv as Conv
    from poolviz.arithmetic.convolutions import ConvTranspose as ConvTranspose
    from poolviz.arithmetic.convolutions import DepthwiseConv as DepthwiseConv
    from poolviz.arithmetic.frameworks import FRAMEWORKS as FRAMEWORKS
    from poolviz.arithmetic.layers import Pool as Pool
    from poolviz.arithmetic.operations import AdaptivePool as AdaptivePool
    from poolviz.arithmetic.operations import Add as Add
    from poolviz.arithmetic.operations import Concatenate as Concatenate
    from poolviz.arithmetic.operations import Crop as Crop
    from poolviz.arithmetic.operations import Flatten as Flatten
    from poolviz.arithmetic.operations import GlobalPool as GlobalPool
    from poolviz.arithmetic.operations import Linear as Linear
    from poolviz.arithmetic.operations import Named as Named
    from poolviz.arithmetic.operations import Permute as Permute
    from poolviz.arithmetic.operations import Reshape as Reshape
    from poolviz.arithmetic.operations import Same as Same
    from poolviz.arithmetic.operations import Upsample as Upsample
    from poolviz.arithmetic.operations import ZeroPad as ZeroPad
    from poolviz.arithmetic.trace import Trace as Trace
    from poolviz.arithmetic.trace import trace as trace
    from poolviz.diagnosis.arrays import pool as pool
    from poolviz.diagnosis.arrays import pool_gradient as pool_gradient
    from poolviz.diagnosis.arrays import pool_indices as pool_indices
    from poolviz.diagnosis.comparison import compare as compare
    from poolviz.diagnosis.conversion import Conversion as Conversion
    from poolviz.diagnosis.conversion import convert as convert
    from poolviz.diagnosis.diagnose import Diagnosis as Diagnosis
    from poolviz.diagnosis.diagnose import PoolShapeError as PoolShapeError
    from poolviz.diagnosis.diagnose import diagnose as diagnose
    from poolviz.diagnosis.diagnose import output_size as output_size
    from poolviz.diagnosis.reading.code.reader import read_code as read_code
    from poolviz.diagnosis.reading.messages import Message as Message
    from poolviz.diagnosis.reading.messages import decode as decode
    from poolviz.diagnosis.reading.models.reader import read_model as read_model
    from poolviz.diagnosis.reading.source import InputShapeNeeded as InputShapeNeeded
    from poolviz.diagnosis.reading.source import NoModel as NoModel
    from poolviz.diagnosis.reading.source import NotRead as NotRead
    from poolviz.diagnosis.reading.source import Source as Source
    from poolviz.diagnosis.stack import Stack as Stack
    from poolviz.drawing.draw import draw as draw
    from poolviz.exercises import exercises as exercises
    from poolviz.exercises.library import exercise as exercise
    from poolviz.exercises.model import Exercise as Exercise
    from poolviz.exercises.model import Feedback as Feedback
    from poolviz.texts.language import set_language as set_language
    from poolviz.widgets.decoder import ErrorDecoder as ErrorDecoder
    from poolviz.widgets.exercise_card import ExerciseCard as ExerciseCard
    from poolviz.widgets.explorer import PoolExplorer as PoolExplorer
    from poolviz.widgets.framework_comparison import (
        FrameworkComparison as FrameworkComparison,
    )
    from poolviz.widgets.size_map import SizeMap as SizeMap
    from poolviz.widgets.stack_explorer import StackExplorer as StackExplorer


if not TYPE_CHECKING:  # or a type checker would believe in every name
    # Two threads that import matplotlib for the first time, each by another of its modules, see
    # it half loaded (matplotlib 3.11: "has no attribute '_docstring'"); so one after the other.
    _one_at_a_time = RLock()

    def __getattr__(name: str) -> Any:
        if name not in _SHELF:
            raise AttributeError(f"module 'poolviz' has no attribute {name!r}")
        with _one_at_a_time:
            value = getattr(import_module(_SHELF[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return [*globals(), *_SHELF]
