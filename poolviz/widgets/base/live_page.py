"""From a recording to the text of a page."""

from __future__ import annotations

from poolviz.browser.bundle import embedded_module, page_module, page_styles, styles
from poolviz.drawing.output.html_page import html_page
from poolviz.i18n.catalogue import say
from poolviz.widgets.base.language import browser_texts
from poolviz.widgets.page.phrases import too_large
from poolviz.widgets.page.recording import Storable

MOST_BYTES = 5_000_000  # course sites and phones accept a page of this size

# The JavaScript module of each kind of view; in a notebook the widgets run the same ones.
MODULES = {
    "explorer": "widgets/explorer/viewer.js",
    "chart": "widgets/size_map/map.js",
    "comparison": "widgets/comparison/comparison.js",
    "stack": "widgets/stack/stack.js",
    "decoder": "widgets/decoder/decoder.js",
    "card": "widgets/exercise/card.js",
}


def live_page(
    headline: str, static_html: str, recording: Storable, language: str, scorm: str | None = None
) -> bytes:
    """Return a page that runs a widget; without JavaScript it shows `static_html`.

    `scorm` is the version of the run-time to which the page of a package reports.

    Raises
    ------
    ValueError
        If the page is larger than `MOST_BYTES`.
    """
    needs = say("page.needs_script")
    page = html_page(
        headline,
        language=language,
        body=f'<div id="pv-still">\n{static_html}\n<p>{needs}</p>\n</div>',
        styles=(styles(), page_styles()),
        script=page_module(_modules(recording), reports=scorm is not None),
        stored=recording.stored(browser_texts(language), scorm),
    )
    return _checked(page, recording)


def live_module(recording: Storable, language: str) -> bytes:
    """Return a JavaScript module that runs a widget in a page of another host.

    Raises
    ------
    ValueError
        If the module is larger than `MOST_BYTES`.
    """
    stored = recording.stored(browser_texts(language))
    return _checked(embedded_module(_modules(recording), stored).encode(), recording)


def _modules(recording: Storable) -> dict[str, str]:
    return {kind: MODULES[kind] for kind in dict.fromkeys(recording.kinds)}


def _checked(content: bytes, recording: Storable) -> bytes:
    if len(content) > MOST_BYTES:
        raise ValueError(too_large(len(content), MOST_BYTES, recording.count))
    return content
