"""PoolExplorer: every parameter of one pooling layer, live, legal or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets
import traitlets
from numpy.typing import ArrayLike, NDArray

from poolviz.arithmetic.layers.pool import Pool, Sizes
from poolviz.arithmetic.trace import Trace, trace
from poolviz.diagnosis.layer.diagnosis import Diagnosis
from poolviz.diagnosis.layer.examples import EXAMPLES
from poolviz.diagnosis.phrases import axis_word, joined
from poolviz.drawing.draw import scene_at
from poolviz.drawing.mpl.figure import PngRenderer, PoolFigure
from poolviz.drawing.output.atomic_write import Target
from poolviz.drawing.scene.layout import FULL_WIDTH
from poolviz.drawing.scene.overlays import LAYERS, checked_layers, layer_name
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import Scene, build_scene
from poolviz.i18n.catalogue import ENGLISH, say, using_language
from poolviz.i18n.phrase import phrase
from poolviz.widgets.base.savable import Savable, save_widget
from poolviz.widgets.base.static_html import explorer_words
from poolviz.widgets.base.widget import StateWidget, in_turn
from poolviz.widgets.explorer.settings import (
    Spec,
    first_spec,
    read,
    spec_of_array,
    told,
    values_text,
    with_axes,
)
from poolviz.widgets.explorer.state import words_of

LEAST_WIDTH = 280.0  # of a picture

Values = Any | Iterable[Any] | None  # of a parameter; None for those around the present one


class PoolExplorer(Savable, StateWidget):
    """Controls, picture and words for one pooling layer; opens broken if it is, and says why.

    Parameters
    ----------
    input_size
        Spatial size in elements; an int stands for a square map. Left out with `input`.
    kernel_size, **parameters
        The parameters of `Pool`.
    layer
        A `Pool`, instead of its parameters.
    input
        An array of real numbers, (*spatial) or (N, C, *spatial): its first channel is shown.
    seed
        For the numbers of an input that is given by its size.
    show
        Layers of insight: "read counts", "unread cells", "gradient routing", "receptive field".
    language
        Of all that it says: "en" or "de"; left out, the one that is spoken.

    Raises
    ------
    TypeError, ValueError
        For wrong types, as `Pool`, and unknown layers of insight or languages. Never for geometry.

    Notes
    -----
    `layer`, `input_size`, `input` and `show` can be assigned. `position` is the output cell
    (row, column) whose window is marked; the browser tells it to Python only while something
    observes it.

    Examples
    --------
    >>> PoolExplorer(input_size=10, kernel_size=15)
    PoolExplorer(MaxPool 15×15, stride 15, no padding on 10 × 10: PyTorch raises RuntimeError; \
height ⌊(10 − 15) / 15⌋ + 1 = 0; width ⌊(10 − 15) / 15⌋ + 1 = 0)
    """

    _entry = "explorer/viewer.js"

    position = traitlets.List(traitlets.Int(), [0, 0], minlen=2, maxlen=2).tag(sync=True)
    position_is_watched = traitlets.Bool(False).tag(sync=True)

    spec: Spec = traitlets.Instance(Spec)  # type: ignore[assignment]

    def __init__(
        self,
        input_size: Sizes | None = None,
        kernel_size: Sizes | None = None,
        *,
        layer: Pool | None = None,
        input: ArrayLike | None = None,
        seed: int = 0,
        show: str | Iterable[str] = (),
        language: str | None = None,
        **parameters: Any,
    ) -> None:
        spec = first_spec(input_size, kernel_size, layer, input, seed, parameters)
        spec = replace(spec, show=checked_layers(show))
        self._render = PngRenderer()
        super().__init__(language, spec=spec)
        self._show()

    # --- what Python may read and assign -----------------------------------------------------

    @property
    def layer(self) -> Pool:
        """The layer; assign another one."""
        return self.spec.layer

    @layer.setter
    def layer(self, layer: Pool) -> None:
        if not isinstance(layer, Pool):
            raise TypeError(f"layer must be a poolviz.Pool, got {type(layer).__name__}")
        if layer.ndim not in (None, len(self.spec.input_size)):
            sizes = trace(layer, self.spec.input_size[-1]).input_size
        else:
            sizes = self.spec.input_size
        self._become(self.spec.resized(layer.with_axes(len(sizes)), sizes))

    @property
    def input_size(self) -> tuple[int, ...]:
        """The spatial size of the input; assign another one."""
        return self.spec.input_size

    @input_size.setter
    def input_size(self, input_size: Sizes) -> None:
        sizes = trace(self.spec.layer, input_size).input_size
        self._become(self.spec.resized(self.spec.layer, sizes))

    def look_at(self, layer: Pool, input_size: Sizes) -> None:
        """Another layer on another input, in one step."""
        sizes = trace(layer, input_size).input_size
        self._become(self.spec.resized(layer.with_axes(len(sizes)), sizes))

    @property
    def input(self) -> NDArray[Any] | None:
        """The values; assign an array. None for an empty or an enormous input."""
        return self.spec.values

    @input.setter
    def input(self, x: ArrayLike) -> None:
        spec = spec_of_array(x, self.spec.layer, self.spec.seed)
        self._become(replace(spec, show=self.spec.show))

    @property
    def show(self) -> tuple[str, ...]:
        """The layers of insight that are shown; assign others."""
        return self.spec.show

    @show.setter
    def show(self, names: str | Iterable[str]) -> None:
        self._become(replace(self.spec, show=checked_layers(names)))

    @property
    def trace(self) -> Trace:
        """Every number of what is shown."""
        return self._scene.trace

    @property
    def diagnosis(self) -> Diagnosis:
        """Findings and fixes of what is shown."""
        return self._scene.diagnosis

    # --- from the browser --------------------------------------------------------------------

    def _apply_request(self, asked: dict[str, Any]) -> None:
        wanted = self._wanted(asked)
        self._try(lambda: self._become(wanted))

    def _wanted(self, asked: dict[str, Any]) -> Spec:
        action = asked.get("action")
        if action is None:
            return read(asked.get("settings"), self.spec)
        if not isinstance(action, dict) or action.get("name") not in _ACTIONS:
            raise ValueError(f"there is no such action: {action!r}")
        return _ACTIONS[action["name"]](self, action.get("value"))

    def _apply_fix(self, index: Any) -> Spec:
        fixes = self._scene.diagnosis.fixes
        if not isinstance(index, int) or not 0 <= index < len(fixes):
            raise ValueError(f"there is no fix number {index}")
        fix = fixes[index]
        if fix.layer is None:
            raise ValueError(phrase("control.layer_left_out"))
        return self.spec.resized(fix.layer, fix.input_size)

    def _apply_example(self, name: Any) -> Spec:
        if name not in EXAMPLES:
            raise ValueError(f"there is no example {name!r}")
        example = EXAMPLES[name]
        layer = example.layer.with_axes(len(example.input_size))
        return Spec(layer, example.input_size, self.spec.seed, show=self.spec.show)

    def _apply_axes(self, ndim: Any) -> Spec:
        if ndim not in (1, 2, 3):
            raise ValueError(f"a layer has 1, 2 or 3 axes, got {ndim!r}")
        return with_axes(self.spec, ndim)

    # --- to the browser ----------------------------------------------------------------------

    @in_turn
    def _become(self, spec: Spec) -> None:
        """The one place where what is shown changes; a spec that cannot be drawn is not kept."""
        before = self.spec
        self.spec = spec
        try:
            self._show()
        except Exception:
            self.spec = before
            raise

    def _picture_and_words(self) -> tuple[bytes, dict[str, Any]]:
        """Spec → trace → scene → picture and words."""
        scene = scene_of(self.spec, self._width())
        state = state_of(self.spec, scene)
        picture = self._render(scene, *self._theme_and_ratio())
        self._scene = scene
        return picture, state

    def _width(self) -> float:
        """Of the picture, as far as the browser has room for it."""
        width = self.screen.get("width")
        if not isinstance(width, int | float) or width != width:
            return FULL_WIDTH
        return min(max(float(width), LEAST_WIDTH), FULL_WIDTH)

    def observe(
        self, handler: Callable[..., Any], names: Any = traitlets.All, type: Any = "change"
    ) -> None:
        """As in traitlets; an observer of `position` makes the browser tell it."""
        super().observe(handler, names, type)
        if names is traitlets.All or "position" in ([names] if isinstance(names, str) else names):
            self.position_is_watched = True

    # --- without a browser -------------------------------------------------------------------

    def _sentence(self) -> str:
        formulas = [f"{axis_word(a.name)} {a.formula}" for a in self._scene.trace.axes]
        parts = [self._scene.diagnosis.headline, *formulas]
        if self.show:
            parts.append(say("control.showing", layers=joined([*map(layer_name, self.show)])))
        return "; ".join(parts)

    def _still(self) -> PoolFigure:
        """What is shown, with its words painted around it."""
        view = View(slice_index=self.spec.slice_index, fits=True, show=self.show)
        at = partial(scene_at, self._scene.diagnosis, self.spec.values, view)
        scene = at((self.position[0], self.position[1]))
        return PoolFigure(scene, scene_at=at, words=lambda: explorer_words(self.state))

    def _headline(self) -> str:
        return self._scene.diagnosis.headline

    def save(
        self,
        path: Target,
        *,
        script: bool = True,
        kernel_size: Values = None,
        stride: Values = None,
        padding: Values = None,
        dilation: Values = None,
        framework: Values = None,
        op: Values = None,
        ceil_mode: Values = None,
    ) -> Path:
        """Write the explorer to a file; what is written follows from the name's suffix.

        Parameters
        ----------
        path
            ".html": a page that works without a kernel and without a network: every setting in
            the ranges is computed now and looked up there. ".png", ".svg": the picture with its
            words. ".gif", ".apng": a walk through the windows.
        script
            False: a page of picture, words and table, for places that take scripts out.
        kernel_size, stride, padding, dilation, framework, op, ceil_mode
            The values that a reader of the page can choose, such as ``range(1, 16)`` or
            ``[0, 1, "same"]``; a tuple in a list has one entry per axis, and None as a stride is
            the framework's default. Left out, they are those around the present setting, which is
            always among them.

        Raises
        ------
        TypeError, ValueError
            For another suffix, for values that no layer takes, for more settings than a page
            holds, and for a page that would be too large.
        OSError
            Where nothing can be written. The file is written whole or not at all.

        Notes
        -----
        The page carries its own content security policy. It works in an
        ``<iframe sandbox="allow-scripts">``, in a browser of 2023 or newer; in others, and without
        scripts, it shows the picture and the words.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> w = PoolExplorer(10, 3)
        >>> w.save(f"{mkdtemp()}/pool.html", kernel_size=[2, 3], stride=[1, 2]).name
        'pool.html'
        """
        asked = {
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "framework": framework,
            "op": op,
            "ceil_mode": ceil_mode,
        }
        return save_widget(self, path, script, asked)

    def image(self) -> ipywidgets.Image:
        """The picture and its words as an `ipywidgets.Image` that follows every change.

        For front ends that do not load anywidget: there nothing can be moved with the mouse, but
        `layer`, `input_size`, `input`, `show` and `position` can be assigned. An Image has no alt
        text (ipywidgets 8.1.9; a tooltip breaks its view): `words` reads the picture aloud.

        >>> w = PoolExplorer(10, 3)
        >>> ipywidgets.VBox([w.image(), w.words()])  # doctest: +ELLIPSIS
        VBox(children=(Image(value=...
        """
        image = ipywidgets.Image(format="png", layout={"max_width": "100%"})

        def paint() -> None:
            with using_language(self.language):
                image.value = self._still().png()

        self._follow(paint)
        return image

    def words(self) -> ipywidgets.HTML:
        """The picture in words as an `ipywidgets.HTML` that follows every change."""
        text = ipywidgets.HTML()
        spoken = "" if self.language == ENGLISH else f' lang="{self.language}"'

        def tell() -> None:
            text.value = f"<p{spoken}>{escape(self.state['alt'])}</p>"

        self._follow(tell)
        return text

    def _follow(self, tell: Callable[[], None]) -> None:
        """Tells now, and after every change that comes from Python or a control."""
        tell()
        # Not by our own `observe`: the browser shall not begin to tell every step of the mouse.
        super().observe(lambda _: tell(), ["state", "position"])


_ACTIONS: dict[str, Callable[[PoolExplorer, Any], Spec]] = {
    "fix": PoolExplorer._apply_fix,
    "example": PoolExplorer._apply_example,
    "axes": PoolExplorer._apply_axes,
}


def scene_of(spec: Spec, width: float = FULL_WIDTH, known: Diagnosis | None = None) -> Scene:
    """The picture of a spec; `known` is its diagnosis, where it was made before."""
    view = View(width, slice_index=spec.slice_index, show=spec.show)
    return build_scene(spec.traced(), spec.values, view, known)


def state_of(spec: Spec, scene: Scene) -> dict[str, Any]:
    """All that the browser says about it, and the settings of its controls."""
    return {
        **words_of(scene),
        "settings": told(spec, scene.trace),
        "valuesText": values_text(spec),
        "layers": [[name, layer_name(name)] for name in LAYERS],
        "examples": [[name, example.title] for name, example in EXAMPLES.items()],
    }
