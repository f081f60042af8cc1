"""PoolExplorer: every parameter of one pooling layer, live, legal or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import traitlets
from numpy.typing import ArrayLike

from poolviz.arithmetic.call import windowed
from poolviz.arithmetic.layers.conv import Convolution
from poolviz.arithmetic.layers.fitted import PoolingLayer
from poolviz.arithmetic.layers.network_layers import LayerLike
from poolviz.arithmetic.layers.pool import Sizes, pool_keywords
from poolviz.arithmetic.layers.validation import whole_number
from poolviz.arithmetic.trace import Trace, spatial_sizes
from poolviz.arithmetic.values import Array
from poolviz.diagnosis.layer.diagnosis import Diagnosis, diagnosis_of
from poolviz.diagnosis.layer.examples import CONVOLUTIONS, EXAMPLES
from poolviz.diagnosis.phrases import axis_word, joined
from poolviz.drawing.draw import scene_at
from poolviz.drawing.mpl.figure import PngRenderer, PoolFigure
from poolviz.drawing.scene.layout import FULL_HEIGHT
from poolviz.drawing.scene.overlays import checked_overlays, overlay_name
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import Scene
from poolviz.exercises.grading import Feedback
from poolviz.exercises.task import Task, started
from poolviz.i18n.catalogue import language_argument, say, using_language
from poolviz.i18n.keywords import answers_keywords
from poolviz.i18n.phrase import phrase
from poolviz.widgets.base.history import History
from poolviz.widgets.base.widget import synchronized
from poolviz.widgets.base.wire import State
from poolviz.widgets.explorer.ahead.answers import AnswersAhead
from poolviz.widgets.explorer.code import line_of, task_line
from poolviz.widgets.explorer.companions import CompanionsMixin
from poolviz.widgets.explorer.parameters import (
    NAMES,
    ParametersMixin,
    parameters_of,
    with_parameter,
)
from poolviz.widgets.explorer.plain_views import PlainViewsMixin
from poolviz.widgets.explorer.saving import RangesMixin
from poolviz.widgets.explorer.settings import with_axes
from poolviz.widgets.explorer.spec.convolution_spec import convolution_for
from poolviz.widgets.explorer.spec.spec import Spec, first_spec, spec_of_array, spec_of_trace
from poolviz.widgets.explorer.state import WIDE, explorer_html, scene_of, state_of, words_of

LEAST_WIDTH = 280.0  # of a picture


@answers_keywords(more=pool_keywords)
class PoolExplorer(ParametersMixin, CompanionsMixin, RangesMixin, PlainViewsMixin, AnswersAhead):
    """Controls, picture and texts for one pooling layer; a broken layer is shown with the reason.

    Parameters
    ----------
    input_size
        Spatial size in elements; an int stands for a square map. Not together with `input`.
    kernel_size, **parameters
        The parameters of `Pool`.
    layer
        A `Pool`, `AdaptivePool` or `GlobalPool`, or a pooling layer object of PyTorch or Keras,
        in place of its parameters.
    input
        An array of real numbers, (*spatial), (C, *spatial) or (N, C, *spatial), as for `pool`; its
        first channel is shown.
    seed
        For the values of an input that is given by its size.
    show
        Overlays: "read counts", "unread cells", "gradient routing", "receptive field".
    slice_index
        The depth slice of a 3-D input that is shown.
    task
        A task to solve with the controls, see `poolviz.task`.
    language
        Language of all texts: "en" or "de"; the current one if left out.
    data_format
        "channels_first" or "channels_last" for an `input` that is a batch.

    Raises
    ------
    TypeError, ValueError
        For wrong types, as `Pool`, and for unknown overlays or languages. Never for geometry.

    Notes
    -----
    `layer`, `input` and `show` can be assigned. `kernel_size`, `stride`, `padding`, `dilation`,
    `input_size`, `framework` and `op` are traits, which can be observed and linked, too; `stride`
    is the one in force. `position` is the output cell (row, column) whose window is marked; the
    browser sends it to Python only while it is observed. `code` opens what is shown.
    `computes_ahead = False`: the kernel computes no settings before the controls request them.

    Examples
    --------
    >>> PoolExplorer(input_size=10, kernel_size=15)
    PoolExplorer(MaxPool 15×15, stride 15, no padding on 10 × 10: PyTorch raises RuntimeError; \
height ⌊(10 − 15) / 15⌋ + 1 = 0; width ⌊(10 − 15) / 15⌋ + 1 = 0)
    """

    _entry = "widgets/explorer/viewer.js"
    _most_height = FULL_HEIGHT  # of the picture

    position = traitlets.List(traitlets.Int(), [0, 0], minlen=2, maxlen=2).tag(sync=True)
    position_is_watched = traitlets.Bool(False).tag(sync=True)

    spec: Spec = traitlets.Instance(Spec)  # type: ignore[assignment]

    def __init__(
        self,
        input_size: Sizes | LayerLike | None = None,
        kernel_size: Sizes | LayerLike | None = None,
        *,
        layer: LayerLike | None = None,
        input: ArrayLike | None = None,
        seed: int = 0,
        show: str | Iterable[str] = (),
        slice_index: int = 0,
        task: Task | None = None,
        language: str | None = None,
        data_format: str | None = None,
        **parameters: object,
    ) -> None:
        spec = first_spec(input_size, kernel_size, layer, input, seed, parameters, data_format)
        slice_index = whole_number("slice_index", slice_index, 0)
        whole_number("seed", seed, 0)
        spec = replace(spec, show=checked_overlays(show), slice_index=slice_index)
        self._task = started(task, spec.traced())
        self._feedback: Feedback | None = None
        self._start(spec, language)

    def _start(self, spec: Spec, language: str | None) -> None:
        """Show the first spec."""
        self._render = PngRenderer()
        self._history = History()
        self._is_mirroring = True  # the first values come from the spec
        super().__init__(language, spec=spec, **parameters_of(spec, spec.traced()))
        self._is_mirroring = False
        self._show()

    # --- what Python may read and assign -----------------------------------------------------

    @property
    def layer(self) -> PoolingLayer | Convolution:
        """The layer; assign another one."""
        return self.spec.layer

    @layer.setter
    def layer(self, layer: PoolingLayer | Convolution) -> None:
        sizes = self.spec.input_size
        layer = windowed(layer)
        if layer.ndim not in (None, len(sizes)):
            sizes = spatial_sizes(sizes[-1], layer)
        self._become(self.spec.resized(layer.with_axes(len(sizes)), sizes))

    def _set_parameter(self, name: str, value: object) -> None:
        self._become(with_parameter(self.spec, name, value), name)

    def look_at(self, layer: LayerLike, input_size: Sizes) -> None:
        """Show another layer on another input, in one step."""
        layer = windowed(layer)
        sizes = spatial_sizes(input_size, layer)
        self._become(self.spec.resized(layer.with_axes(len(sizes)), sizes))

    def look_at_trace(self, traced: Trace) -> None:
        """Show the layer and the input of a trace, with the channels of a convolution."""
        spec = spec_of_trace(traced)
        kept = self.spec.resized(spec.layer, spec.input_size)
        if kept.convolution is not None and spec.convolution is not None:
            channels = spec.convolution.channels
            fitted = replace(kept.convolution, channels=channels).for_layer(spec.layer)  # type: ignore[arg-type]
            own = kept.own_values
            fits = own is None or own.shape[0] == channels
            kept = replace(kept, convolution=fitted, own_values=own if fits else None)
        self._become(kept)

    @property
    def input(self) -> Array | None:
        """The values of the input; assign an array. None if the input is empty or very large."""
        return self.spec.values

    @input.setter
    def input(self, x: ArrayLike) -> None:
        present = self.spec.convolution
        spec = spec_of_array(x, self.spec.layer, self.spec.seed, present=present)
        self._become(replace(spec, show=self.spec.show))

    @property
    def show(self) -> tuple[str, ...]:
        """The overlays that are shown; assign others."""
        return self.spec.show

    @show.setter
    def show(self, names: str | Iterable[str]) -> None:
        self._become(replace(self.spec, show=checked_overlays(names)))

    @property
    def trace(self) -> Trace:
        """All numbers of the layer that is shown."""
        return self._scene.trace

    @property
    def diagnosis(self) -> Diagnosis:
        """Findings and fixes of the layer that is shown."""
        return self._scene.diagnosis

    @property
    def task(self) -> Task | None:
        """The task; assign another one, which starts from the present setting."""
        return self._task

    @task.setter
    def task(self, task: Task | None) -> None:
        self._task = started(task, self.spec.traced())
        self._feedback = None
        self._show()

    @property
    def task_feedback(self) -> Feedback | None:
        """Feedback to the setting that was checked last, None before."""
        return self._feedback

    # --- from the browser --------------------------------------------------------------------

    def set_state(self, sync_data: dict[str, object]) -> None:
        """Take one message of the browser; a parameter that is rejected is reported there."""
        try:
            super().set_state(sync_data)
        except (TypeError, ValueError) as wrong:
            # Any other state comes from our own page: a wrong one is a bug, not the user's choice.
            if not set(NAMES) & set(sync_data):
                raise
            with using_language(self.language):
                self._report(say("control.refused", reason=wrong))

    def _fixed(self, index: object) -> Spec:
        fixes = diagnosis_of(self.spec.traced()).fixes
        if not isinstance(index, int) or not 0 <= index < len(fixes):
            raise ValueError(f"there is no fix number {index}")
        fix = fixes[index]
        if fix.layer is None:
            raise ValueError(phrase("control.layer_left_out"))
        return self.spec.resized(fix.layer, fix.input_size)

    def _example(self, name: object) -> Spec:
        examples = {**EXAMPLES, **CONVOLUTIONS}
        if not isinstance(name, str) or name not in examples:
            raise ValueError(f"there is no example {name!r}")
        example = examples[name]
        layer = example.layer.with_axes(len(example.input_size))
        convolution = convolution_for(layer, None)
        spec = Spec(layer, example.input_size, self.spec.seed, convolution=convolution)
        return replace(spec, show=self.spec.show)

    def _on_axes(self, ndim: object) -> Spec:
        if not isinstance(ndim, int) or ndim not in (1, 2, 3):
            raise ValueError(f"a layer has 1, 2 or 3 axes, got {ndim!r}")
        return with_axes(self.spec, ndim)

    _targets: ClassVar = {"fix": _fixed, "example": _example, "axes": _on_axes}

    def _check_task(self, value: object) -> None:
        if self._task is None:
            raise ValueError("there is no task to check")
        self._feedback = self._task.judge(self._scene.trace)
        self._show()

    _actions: ClassVar = {**CompanionsMixin._undo_actions, "check": _check_task}

    # --- before and after --------------------------------------------------------------------

    def _spec_is_kept(self) -> None:
        self._mirror(self.spec, self.spec.traced())

    @property
    def code(self) -> str:
        """The line of Python that opens what is shown."""
        parts = [*language_argument(self.language)]
        if self._task is not None:
            parts.insert(0, f"task={task_line(self._task, self.spec.traced())}")
        return line_of(self.spec, *parts)

    # --- to the browser ----------------------------------------------------------------------

    def _picture_and_state(self) -> tuple[bytes, State]:
        scene = self._scene_on_screen(self.spec)
        state = state_of(self.spec, scene, self._task)
        picture = self._render(scene, *self._theme_and_ratio())
        self._drawn = scene
        return picture, state

    @property
    @synchronized
    def _scene(self) -> Scene:
        """The scene of the spec, which may be newer than the picture."""
        if self._is_due:
            self._show()
        return self._drawn

    def _scene_on_screen(self, spec: Spec) -> Scene:
        return scene_of(spec, self._width(), height=self._most_height)

    def _width(self) -> float:
        """Return the width of the picture that fits the browser."""
        width = self.screen.get("width")
        if not isinstance(width, int | float) or width != width:
            return WIDE
        return min(max(float(width), LEAST_WIDTH), WIDE)

    def observe(
        self, handler: Callable[..., object], names: Any = traitlets.All, type: Any = "change"
    ) -> None:
        """Observe as in traitlets; with an observer of `position` the browser sends it."""
        super().observe(handler, names, type)
        if names is traitlets.All or "position" in ([names] if isinstance(names, str) else names):
            self.position_is_watched = True

    # --- without a browser -------------------------------------------------------------------

    def _sentence(self) -> str:
        formulas = [f"{axis_word(a.name)} {a.formula}" for a in self._scene.trace.axes]
        parts = [self._scene.diagnosis.headline, *formulas]
        if self.show:
            parts.append(say("control.showing", layers=joined([*map(overlay_name, self.show)])))
        return "; ".join(parts)

    def _static_figure(self) -> PoolFigure:
        """Return what is shown, with its words around it."""
        view = View(slice_index=self.spec.slice_index, fits=True, show=self.show)
        at = partial(scene_at, self._scene.diagnosis, self.spec.data, view)
        scene = at((self.position[0], self.position[1]))
        return PoolFigure(scene, scene_at=at, words=lambda: explorer_html(words_of(self._scene)))

    @property
    def headline(self) -> str:
        return self._scene.diagnosis.headline
