"""From a widget to the text of its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from poolviz.drawing.output.html_page import html_page
from poolviz.i18n.catalogue import say
from poolviz.widgets.base.bundle import page_module, page_styles, styles
from poolviz.widgets.base.language import browser_texts
from poolviz.widgets.base.savable import Savable
from poolviz.widgets.comparison.view import ComparisonView
from poolviz.widgets.comparison.widget import FrameworkComparison
from poolviz.widgets.decoder.page import record_decoder
from poolviz.widgets.decoder.view import DecoderView
from poolviz.widgets.decoder.widget import ErrorDecoder
from poolviz.widgets.exercise.page import CardRecording, record_card
from poolviz.widgets.exercise.widget import ExerciseCard
from poolviz.widgets.explorer.page import record_explorer
from poolviz.widgets.explorer.widget import PoolExplorer
from poolviz.widgets.page.phrases import too_large
from poolviz.widgets.page.recording import Recording
from poolviz.widgets.size_map.page import record_comparison, record_map
from poolviz.widgets.size_map.view import ChartView
from poolviz.widgets.size_map.widget import SizeMap
from poolviz.widgets.stack.page import record_stack
from poolviz.widgets.stack.view import StackView
from poolviz.widgets.stack.widget import StackExplorer

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
