"""From a widget to the text of its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from poolviz.drawing.html_page import html_page
from poolviz.texts.language import say
from poolviz.widgets.chart_view import ChartView
from poolviz.widgets.comparison_view import ComparisonView
from poolviz.widgets.decoder import ErrorDecoder
from poolviz.widgets.decoder_view import DecoderView
from poolviz.widgets.esm import page_module, page_styles, styles
from poolviz.widgets.exercise_card import ExerciseCard
from poolviz.widgets.explorer import PoolExplorer
from poolviz.widgets.framework_comparison import FrameworkComparison
from poolviz.widgets.pages.beside_pages import record_comparison, record_map
from poolviz.widgets.pages.card_page import CardRecording, record_card
from poolviz.widgets.pages.decoder_page import record_decoder
from poolviz.widgets.pages.explorer_page import record_explorer
from poolviz.widgets.pages.recording import Recording
from poolviz.widgets.pages.stack_page import record_stack
from poolviz.widgets.pages.words import too_large
from poolviz.widgets.saving import Savable
from poolviz.widgets.size_map import SizeMap
from poolviz.widgets.speech import browser_texts
from poolviz.widgets.stack_explorer import StackExplorer
from poolviz.widgets.stack_view import StackView

MOST_BYTES = 5_000_000  # what a course site and a telephone take without complaint

# The module of each kind of view: the one that runs in a notebook.
MODULES: dict[str, str] = {
    "explorer": PoolExplorer._esm,
    "chart": ChartView._esm,
    "comparison": ComparisonView._esm,
    "stack": StackView._esm,
    "decoder": DecoderView._esm,
    "card": ExerciseCard._esm,
}
RECORDERS: dict[type, Callable[[Any, Mapping[str, Any]], Recording | CardRecording]] = {
    PoolExplorer: record_explorer,
    SizeMap: record_map,
    FrameworkComparison: record_comparison,
    StackExplorer: record_stack,
    ErrorDecoder: record_decoder,
    ExerciseCard: record_card,
}


def live_page(widget: Savable, asked: Mapping[str, Any]) -> bytes:
    """The page on which the widget lives; until it does, and where it cannot, it stands still.

    Raises
    ------
    ValueError
        For more settings, or more bytes, than a page may have.
    """
    record = next(record for kind, record in RECORDERS.items() if isinstance(widget, kind))
    recording = record(widget, asked)
    needs = say("page.needs_script")
    page = html_page(
        widget._headline(),
        language=widget.language,
        body=f'<div id="pv-still">\n{widget._still_body()}\n<p>{needs}</p>\n</div>',
        styles=(styles(), page_styles()),
        script=page_module({kind: MODULES[kind] for kind in dict.fromkeys(recording.kinds)}),
        stored=recording.stored(browser_texts(widget.language)),
    )
    if len(page) > MOST_BYTES:
        raise ValueError(too_large(len(page), MOST_BYTES, len(recording.nodes)))
    return page


def still_page(widget: Savable) -> bytes:
    """The page of picture, words and table."""
    return html_page(widget._headline(), widget._still_body(), language=widget.language)
