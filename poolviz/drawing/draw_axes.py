"""`draw_axes`: the axes of a batch, or of one image, as a framework reads them."""

from __future__ import annotations

from collections.abc import Sequence

from poolviz.arithmetic.layers.validation import framework_name, is_sequence, whole_number
from poolviz.drawing.charts.batch_axes import build_axes_chart
from poolviz.drawing.mpl.figure import AxesFigure
from poolviz.drawing.scene.theme import THEMES
from poolviz.i18n.keywords import answers_keywords


@answers_keywords()
def draw_axes(
    shape: Sequence[int], framework: str = "pytorch", *, theme: str = "light"
) -> AxesFigure:
    """Draw the axes of a batch of feature maps, (N, C, H, W) or (N, H, W, C).

    Parameters
    ----------
    shape
        Four integers, or three without the batch, in the order of the framework.
    framework
        One of `FRAMEWORKS`; it decides where the channels are.
    theme
        "light" or "dark".

    Returns
    -------
    AxesFigure
        A matplotlib Figure with the images, the name and the place of each axis, and the shape of
        the same data in the other order. `save` writes it, `alt` is its alt text.

    Raises
    ------
    TypeError, ValueError
        For anything but three or four positive integers, and for unknown names.

    Notes
    -----
    The orders are the default of each framework. A torch.Size, a tuple or a list will do.

    Examples
    --------
    >>> draw_axes((8, 3, 4, 5))
    AxesFigure(PyTorch reads (8, 3, 4, 5) as (N, C, H, W))
    >>> draw_axes((60, 28, 28)).headline
    'PyTorch reads (60, 28, 28) as (C, H, W)'
    """
    if theme not in THEMES:
        raise ValueError(f'theme must be "light" or "dark", got {theme!r}')
    name = framework_name(framework)
    if not is_sequence(shape) or len(shape) not in (3, 4):
        raise ValueError(f"shape must have 4 entries, or 3 without the batch, got {shape!r}")
    sizes = tuple(whole_number("shape", size, least=1) for size in shape)
    return AxesFigure(build_axes_chart(sizes, name), THEMES[theme])
