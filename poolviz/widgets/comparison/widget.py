"""FrameworkComparison: one call in five frameworks, why they differ, and how to make them agree."""

from __future__ import annotations

from poolviz.arithmetic.layers.network_layers import LayerLike
from poolviz.arithmetic.layers.pool import Sizes
from poolviz.arithmetic.trace import Trace
from poolviz.arithmetic.values import Array
from poolviz.drawing.charts.side_by_side import with_variants
from poolviz.drawing.mpl.figure import AccessibleFigure
from poolviz.i18n.keywords import answers_keywords
from poolviz.widgets.base.savable import Ranges, Savable
from poolviz.widgets.comparison.page import record_comparison
from poolviz.widgets.comparison.state import comparison_html, state_of
from poolviz.widgets.comparison.view import ComparisonView
from poolviz.widgets.explorer.linked import BesideExplorer, explorer_keywords
from poolviz.widgets.explorer.widget import PoolExplorer
from poolviz.widgets.page.recording import Recording


@answers_keywords(more=explorer_keywords)
class FrameworkComparison(BesideExplorer, Savable):
    """The same call in PyTorch, TensorFlow, Keras, JAX and onnxruntime, with differences marked.

    Another framework, such as MLX, is shown beside them when it is the reference.

    Parameters
    ----------
    input_size, kernel_size, **parameters
        As for `PoolExplorer`, also a layer of PyTorch or Keras; the others are compared
        with `framework`.
    explorer
        A `PoolExplorer` that is shown elsewhere, in place of the parameters.
    language
        Language of all texts: "en" or "de"; if left out, that of the explorer or the current one.

    Raises
    ------
    TypeError, ValueError
        For wrong types. Never for geometry.

    Notes
    -----
    All frameworks get the stride that applies in the reference. For each framework that differs
    there is the code that gives the same result as the reference, as from `convert`; it is offered
    only if its windows were computed and are the same. Folded below are the variants with other
    recorded results: eager TensorFlow, other Keras backends and ONNX shape inference.

    Examples
    --------
    >>> FrameworkComparison(10, 3, stride=2, padding="same", framework="keras")
    FrameworkComparison(MaxPool 3×3, stride 2, padding "same" (0 before, 1 after) in five \
frameworks, compared with Keras: PyTorch rejects padding="same" (TypeError); TensorFlow returns \
5 × 5; Keras returns 5 × 5; JAX returns 5 × 5; onnxruntime returns 5 × 5.)
    """

    def __init__(
        self,
        input_size: Sizes | LayerLike | None = None,
        kernel_size: Sizes | LayerLike | None = None,
        *,
        explorer: PoolExplorer | None = None,
        language: str | None = None,
        **parameters: object,
    ) -> None:
        super().__init__(input_size, kernel_size, explorer, parameters, language)

    def _view(self) -> ComparisonView:
        self.view = ComparisonView(self, *self._shown(), self._take, self.language)
        return self.view

    def _shown(self) -> tuple[Trace, Array | None, int]:
        spec = self.explorer.spec
        return self.explorer.trace, spec.values, spec.slice_index

    def _subject(self) -> tuple[object, ...]:
        spec = self.explorer.spec
        return self.explorer.trace, id(spec.own_values), spec.seed, spec.slice_index

    def _take(self, framework: str) -> None:
        """Compare with another framework, with the stride in force."""
        self.explorer.layer = self.explorer.spec.in_framework(framework).layer

    def _look_at(self, traced: Trace) -> None:
        self.view.look_at(*self._shown())

    def _sentence(self) -> str:
        return self.view.picture_parts.alt

    def _static_figure(self) -> AccessibleFigure:
        parts = with_variants(self.view.picture_parts)
        return AccessibleFigure(
            parts, parts.alt, parts.title, lambda: comparison_html(state_of(parts))
        )

    @property
    def headline(self) -> str:
        return self.view.picture_parts.title

    def _record(self, ranges: Ranges) -> Recording:
        return record_comparison(self.explorer.spec)
