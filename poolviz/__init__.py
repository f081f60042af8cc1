"""poolviz shows, breaks, explains and repairs pooling shapes.

>>> import poolviz as pv
>>> pv.output_size(10, kernel_size=3, stride=5)
2
"""

from __future__ import annotations

from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING

__version__ = "0.1.0"

# Public name → the module that holds it. Nothing is loaded before its first use (PEP 562), so
# `import poolviz` costs no numpy, matplotlib or ipywidgets.
_MODULES = {
    "Pool": "poolviz.arithmetic.layers.pool",
    "Trace": "poolviz.arithmetic.trace",
    "use": "poolviz.arithmetic.layers.in_use",
    "trace": "poolviz.arithmetic.call",
    "FRAMEWORKS": "poolviz.arithmetic.frameworks.registry",
    "output_size": "poolviz.diagnosis.layer.output_size",
    "diagnose": "poolviz.diagnosis.layer.diagnosis",
    "Diagnosis": "poolviz.diagnosis.layer.diagnosis",
    "PoolShapeError": "poolviz.diagnosis.layer.output_size",
    "compare": "poolviz.diagnosis.layer.comparison",
    "convert": "poolviz.diagnosis.layer.conversion",
    "Conversion": "poolviz.diagnosis.layer.conversion",
    "decode": "poolviz.reading.messages",
    "Message": "poolviz.reading.messages",
    "read_code": "poolviz.reading.source.read_code",
    "read_model": "poolviz.reading.model.read_model",
    "NotRead": "poolviz.diagnosis.network.source",
    "Source": "poolviz.diagnosis.network.source",
    "NoModel": "poolviz.diagnosis.network.source",
    "InputShapeNeeded": "poolviz.diagnosis.network.source",
    "check": "poolviz.failures.explain",
    "explain": "poolviz.failures.explain",
    "watch": "poolviz.hooks.watch",
    "unwatch": "poolviz.hooks.watch",
    "pool": "poolviz.diagnosis.layer.arrays",
    "pool_indices": "poolviz.diagnosis.layer.arrays",
    "pool_gradient": "poolviz.diagnosis.layer.arrays",
    "unpool": "poolviz.diagnosis.layer.arrays",
    "convolve": "poolviz.diagnosis.layer.convolved",
    "convolve_gradient": "poolviz.diagnosis.layer.convolved",
    "Stack": "poolviz.diagnosis.network.stack",
    "Conv": "poolviz.arithmetic.layers.conv",
    "ConvTranspose": "poolviz.arithmetic.layers.conv",
    "DepthwiseConv": "poolviz.arithmetic.layers.conv",
    "AdaptivePool": "poolviz.arithmetic.layers.network_layers",
    "GlobalPool": "poolviz.arithmetic.layers.network_layers",
    "Unpool": "poolviz.arithmetic.layers.unpool",
    "Flatten": "poolviz.arithmetic.layers.network_layers",
    "Linear": "poolviz.arithmetic.layers.network_layers",
    "ZeroPad": "poolviz.arithmetic.layers.network_layers",
    "Crop": "poolviz.arithmetic.layers.network_layers",
    "Upsample": "poolviz.arithmetic.layers.network_layers",
    "Concatenate": "poolviz.arithmetic.layers.network_layers",
    "Add": "poolviz.arithmetic.layers.network_layers",
    "Input": "poolviz.arithmetic.layers.ends",
    "Output": "poolviz.arithmetic.layers.network_layers",
    "Identity": "poolviz.arithmetic.layers.network_layers",
    "Same": "poolviz.arithmetic.layers.network_layers",
    "Reshape": "poolviz.arithmetic.layers.network_layers",
    "Permute": "poolviz.arithmetic.layers.network_layers",
    "AxisMap": "poolviz.arithmetic.layers.axes",
    "Axis": "poolviz.arithmetic.layers.axes",
    "Combine": "poolviz.arithmetic.layers.network_layers",
    "Combination": "poolviz.arithmetic.layers.axes",
    "Named": "poolviz.arithmetic.layers.network_layers",
    "exercises": "poolviz.exercises",  # the package itself, which is callable
    "list_exercises": "poolviz.exercises.library",
    "exercise": "poolviz.exercises.library",
    "Exercise": "poolviz.exercises.model",
    "Feedback": "poolviz.exercises.grading",
    "concept_test": "poolviz.teaching.concept.concept_test",
    "ConceptTest": "poolviz.teaching.concept.concept_test",
    "class_report": "poolviz.teaching.concept.class_report",
    "ClassReport": "poolviz.teaching.concept.class_report",
    "task": "poolviz.exercises.task",
    "can_run": "poolviz.teaching.can_run",
    "Task": "poolviz.exercises.task",
    "export_questions": "poolviz.teaching.banks.export",
    "set_language": "poolviz.i18n.catalogue",
    "draw": "poolviz.drawing.draw",
    "draw_axes": "poolviz.drawing.draw_axes",
    "PoolExplorer": "poolviz.widgets.explorer.widget",
    "LayerExplorer": "poolviz.widgets.explorer.convolution.layer_explorer",
    "StackExplorer": "poolviz.widgets.stack.widget",
    "ErrorDecoder": "poolviz.widgets.decoder.widget",
    "SizeMap": "poolviz.widgets.size_map.widget",
    "ExerciseCard": "poolviz.widgets.exercise.widget",
    "FrameworkComparison": "poolviz.widgets.comparison.widget",
}

__all__ = sorted(_MODULES)

if TYPE_CHECKING:
    from poolviz.arithmetic.call import trace as trace
    from poolviz.arithmetic.frameworks.registry import FRAMEWORKS as FRAMEWORKS
    from poolviz.arithmetic.layers.axes import Axis as Axis
    from poolviz.arithmetic.layers.axes import AxisMap as AxisMap
    from poolviz.arithmetic.layers.axes import Combination as Combination
    from poolviz.arithmetic.layers.conv import Conv as Conv
    from poolviz.arithmetic.layers.conv import ConvTranspose as ConvTranspose
    from poolviz.arithmetic.layers.conv import DepthwiseConv as DepthwiseConv
    from poolviz.arithmetic.layers.ends import Input as Input
    from poolviz.arithmetic.layers.in_use import use as use
    from poolviz.arithmetic.layers.network_layers import AdaptivePool as AdaptivePool
    from poolviz.arithmetic.layers.network_layers import Add as Add
    from poolviz.arithmetic.layers.network_layers import Combine as Combine
    from poolviz.arithmetic.layers.network_layers import Concatenate as Concatenate
    from poolviz.arithmetic.layers.network_layers import Crop as Crop
    from poolviz.arithmetic.layers.network_layers import Flatten as Flatten
    from poolviz.arithmetic.layers.network_layers import GlobalPool as GlobalPool
    from poolviz.arithmetic.layers.network_layers import Identity as Identity
    from poolviz.arithmetic.layers.network_layers import Linear as Linear
    from poolviz.arithmetic.layers.network_layers import Named as Named
    from poolviz.arithmetic.layers.network_layers import Output as Output
    from poolviz.arithmetic.layers.network_layers import Permute as Permute
    from poolviz.arithmetic.layers.network_layers import Reshape as Reshape
    from poolviz.arithmetic.layers.network_layers import Same as Same
    from poolviz.arithmetic.layers.network_layers import Upsample as Upsample
    from poolviz.arithmetic.layers.network_layers import ZeroPad as ZeroPad
    from poolviz.arithmetic.layers.pool import Pool as Pool
    from poolviz.arithmetic.layers.unpool import Unpool as Unpool
    from poolviz.arithmetic.trace import Trace as Trace
    from poolviz.diagnosis.layer.arrays import pool as pool
    from poolviz.diagnosis.layer.arrays import pool_gradient as pool_gradient
    from poolviz.diagnosis.layer.arrays import pool_indices as pool_indices
    from poolviz.diagnosis.layer.arrays import unpool as unpool
    from poolviz.diagnosis.layer.comparison import compare as compare
    from poolviz.diagnosis.layer.conversion import Conversion as Conversion
    from poolviz.diagnosis.layer.conversion import convert as convert
    from poolviz.diagnosis.layer.convolved import convolve as convolve
    from poolviz.diagnosis.layer.convolved import convolve_gradient as convolve_gradient
    from poolviz.diagnosis.layer.diagnosis import Diagnosis as Diagnosis
    from poolviz.diagnosis.layer.diagnosis import diagnose as diagnose
    from poolviz.diagnosis.layer.output_size import PoolShapeError as PoolShapeError
    from poolviz.diagnosis.layer.output_size import output_size as output_size
    from poolviz.diagnosis.network.source import InputShapeNeeded as InputShapeNeeded
    from poolviz.diagnosis.network.source import NoModel as NoModel
    from poolviz.diagnosis.network.source import NotRead as NotRead
    from poolviz.diagnosis.network.source import Source as Source
    from poolviz.diagnosis.network.stack import Stack as Stack
    from poolviz.drawing.draw import draw as draw
    from poolviz.drawing.draw_axes import draw_axes as draw_axes
    from poolviz.exercises import exercises as exercises
    from poolviz.exercises.grading import Feedback as Feedback
    from poolviz.exercises.library import exercise as exercise
    from poolviz.exercises.library import list_exercises as list_exercises
    from poolviz.exercises.model import Exercise as Exercise
    from poolviz.exercises.task import Task as Task
    from poolviz.exercises.task import task as task
    from poolviz.failures.explain import check as check
    from poolviz.failures.explain import explain as explain
    from poolviz.hooks.watch import unwatch as unwatch
    from poolviz.hooks.watch import watch as watch
    from poolviz.i18n.catalogue import set_language as set_language
    from poolviz.reading.messages import Message as Message
    from poolviz.reading.messages import decode as decode
    from poolviz.reading.model.read_model import read_model as read_model
    from poolviz.reading.source.read_code import read_code as read_code
    from poolviz.teaching.banks.export import export_questions as export_questions
    from poolviz.teaching.can_run import can_run as can_run
    from poolviz.teaching.concept.class_report import ClassReport as ClassReport
    from poolviz.teaching.concept.class_report import class_report as class_report
    from poolviz.teaching.concept.concept_test import ConceptTest as ConceptTest
    from poolviz.teaching.concept.concept_test import concept_test as concept_test
    from poolviz.widgets.comparison.widget import (
        FrameworkComparison as FrameworkComparison,
    )
    from poolviz.widgets.decoder.widget import ErrorDecoder as ErrorDecoder
    from poolviz.widgets.exercise.widget import ExerciseCard as ExerciseCard
    from poolviz.widgets.explorer.convolution.layer_explorer import LayerExplorer as LayerExplorer
    from poolviz.widgets.explorer.widget import PoolExplorer as PoolExplorer
    from poolviz.widgets.size_map.widget import SizeMap as SizeMap
    from poolviz.widgets.stack.widget import StackExplorer as StackExplorer


if not TYPE_CHECKING:  # or a type checker would accept every name
    # Two threads that import matplotlib for the first time, each through another module, can see
    # it half loaded (matplotlib 3.11: "has no attribute '_docstring'"), hence the lock.
    _one_at_a_time = RLock()

    def _layer_of(module: object) -> object:
        """Convert a layer object of a framework: `reading` knows how, and loads on first use."""
        return import_module("poolviz.reading.model.single_layer").layer_of(module)

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            answer = import_module("poolviz.i18n.keywords").missing_name(name, _MODULES)
            raise AttributeError(answer)
        with _one_at_a_time:
            import_module("poolviz.arithmetic.layers.foreign").set_reader(_layer_of)
            value = getattr(import_module(_MODULES[name]), name)
        globals()[name] = value
        return value


def load_ipython_extension(shell: object) -> None:
    """`%load_ext poolviz`: as `watch()`."""
    import_module("poolviz.hooks.watch").watch(shell)


def unload_ipython_extension(shell: object) -> None:
    """`%unload_ext poolviz`: as `unwatch()`."""
    import_module("poolviz.hooks.watch").unwatch(shell)


def __dir__() -> list[str]:
    return [*globals(), *_MODULES]
