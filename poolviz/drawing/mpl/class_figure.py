"""Bars for a class: a share for each objective, a number of students for each misconception."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from poolviz.drawing.output.mime_bundle import mime_bundle
from poolviz.i18n.catalogue import language, say

Bars = Sequence[tuple[str, tuple[float | None, float | None]]]

COLOURS = ("#9aa5b1", "#0b5cad")  # before and after: apart in grey, too
HATCHES = ("//", "")
_ROW = 0.42  # inches


class ClassFigure(Figure):
    """A matplotlib Figure with alt text, as PNG and HTML in notebooks."""

    def __init__(self, headline: str, alt: str, height: float) -> None:
        super().__init__(figsize=(9, height), layout="constrained")
        FigureCanvasAgg(self)
        self.headline, self.alt, self.language = headline, alt, language()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.headline})"

    def png(self) -> bytes:
        """Return the figure as a PNG file."""
        content = BytesIO()
        self.savefig(content, format="png", dpi=100)
        return content.getvalue()

    def _repr_mimebundle_(self, **options: object) -> dict[str, str]:
        return mime_bundle(self.png(), self.alt, repr(self), self.language)


def class_figure(headline: str, objectives: Bars, misconceptions: Bars, alt: str) -> ClassFigure:
    """Return the figure of a report; `alt` says the same in words."""
    parts = [(say("concept.by_objective"), objectives, 1.0)]
    if misconceptions:
        parts.append((say("concept.by_misconception"), misconceptions, 0.0))
    rows = [max(1, len(bars)) for _, bars, _ in parts]
    figure = ClassFigure(headline, alt, _ROW * sum(rows) + 1.1 * len(parts))
    axes = figure.subplots(len(parts), 1, squeeze=False, height_ratios=rows)[:, 0]
    for place, (title, bars, most) in zip(axes, parts, strict=True):
        _draw(place, title, bars, most)
    return figure


def _draw(axes: Axes, title: str, bars: Bars, most: float) -> None:
    labels = (say("concept.before"), say("concept.after"))
    for i, label in enumerate(labels):
        places = [row + 0.2 * (2 * i - 1) for row in range(len(bars))]
        widths = [values[i] or 0 for _, values in bars]
        axes.barh(
            places,
            widths,
            height=0.36,
            color=COLOURS[i],
            hatch=HATCHES[i],
            edgecolor="white",
            label=label,
        )
        for place, (_, values) in zip(places, bars, strict=True):
            if (value := values[i]) is not None:
                shown = f"{100 * value:.0f} %" if most else f"{value:.0f}"
                axes.annotate(
                    shown, (value, place), (3, 0), textcoords="offset points", va="center"
                )
    axes.set_yticks(range(len(bars)), [name for name, _ in bars])
    axes.margins(y=0.02)
    axes.invert_yaxis()
    axes.set_title(title, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    if most:
        axes.set_xlim(0, 1.12 * most)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
        axes.legend(loc="lower right", frameon=False)
