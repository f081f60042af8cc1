"""From scene to pixels: files that decode, colours where they belong, no trace in matplotlib."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

import poolviz as pv
from poolviz.diagnosis.layer.examples import EXAMPLES
from poolviz.drawing.mpl import glyphs, png
from poolviz.drawing.mpl.artist import PictureArtist
from poolviz.drawing.mpl.figure import PngRenderer
from poolviz.drawing.scene.layout import Rect
from poolviz.drawing.scene.mark_styles import UNREAD_ALPHA, WINDOW_ALPHA
from poolviz.drawing.scene.numerals import text_width
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import Scene, build_scene
from poolviz.drawing.scene.theme import DARK, LIGHT, THEMES, Colour, Theme
from tests.diagnosis.diagnosed_calls import Call, any_calls, few, many
from tests.drawing.scene_parts import label, rects, scene_of
from tools.architecture import loaded_by

ROOT = Path(pv.__file__).parent.parent
SVG = "{http://www.w3.org/2000/svg}"

CASES: dict[str, tuple[pv.Pool, Any]] = {
    "ok": (pv.Pool(3, stride=2, padding=1), (6, 7)),
    "unread": (pv.Pool(3, stride=5), 10),
    "broken": (pv.Pool(15), 10),
    "one axis": (pv.Pool((5, 3), stride=2), (4, 6)),
    "empty": (pv.Pool(15, framework="jax"), 10),
    "truncated": (pv.Pool(15, stride=15, framework="onnxruntime"), 10),
    "refused": (pv.Pool(3, padding="same"), 10),
    "dilated": (pv.Pool(3, dilation=2, stride=1), 8),
    "strip": (pv.Pool((3,), stride=2), 12),
    "volume": (pv.Pool(2), (4, 4, 6)),
    "large": (pv.Pool(2), 224),
    "outline": (pv.Pool(2), 10**9),
    "empty input": (pv.Pool(2), 0),
}
each_case = pytest.mark.parametrize(("layer", "input_size"), CASES.values(), ids=CASES)
each_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)


def decoded(data: bytes) -> NDArray[np.uint8]:
    """A PNG file as rows × columns × 3, read by Pillow."""
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def painted(scene: Scene, theme: Theme = LIGHT) -> NDArray[np.uint8]:
    """A bare scene, one pixel per unit."""
    return decoded(PngRenderer()(scene, theme))


def artist_of(figure: Figure) -> PictureArtist:
    """The one artist of a figure."""
    (artist,) = (child for child in figure.get_children() if isinstance(child, PictureArtist))
    return artist


def saved(figure: Figure, kind: str, **options: Any) -> bytes:
    """A figure as a file of some kind."""
    file = io.BytesIO()
    figure.savefig(file, format=kind, **options)
    return file.getvalue()


# --- the figure ----------------------------------------------------------------------------------


@each_case
def test_it_is_a_figure_that_decodes_to_its_size(layer: pv.Pool, input_size: Any) -> None:
    figure = pv.draw(layer, input_size)
    width, height = (round(100 * inches) for inches in figure.get_size_inches())
    pixels = decoded(figure.png())

    assert isinstance(figure, Figure)
    assert width == 900
    assert pixels.shape == (height, width, 3)
    assert len(np.unique(pixels @ (65536, 256, 1))) > 10


@each_case
def test_the_same_bytes_every_time(layer: pv.Pool, input_size: Any) -> None:
    first = pv.draw(layer, input_size)

    assert first.png() == first.png()
    assert first.png() == pv.draw(layer, input_size).png()


@pytest.mark.long
def test_the_same_bytes_in_a_fresh_process() -> None:
    """Whatever was drawn before, and whatever the user has set for matplotlib."""
    code = (
        "import hashlib, matplotlib, poolviz as pv\n"
        "matplotlib.rcParams.update({'font.size': 30, 'font.family': 'serif', "
        "'figure.facecolor': 'red', 'lines.linewidth': 9, 'hatch.linewidth': 9, "
        "'figure.dpi': 300, 'text.color': 'red', 'path.simplify': False})\n"
        "print(hashlib.sha256(pv.draw(pv.Pool((5, 3), stride=2), (4, 6)).png()).hexdigest())"
    )
    expected = hashlib.sha256(pv.draw(pv.Pool((5, 3), stride=2), (4, 6)).png()).hexdigest()

    assert expected == _run(code)


def _run(code: str, **environment: str) -> str:
    """Return the output of a fresh Python."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@each_case
def test_it_saves_as_a_vector_file(layer: pv.Pool, input_size: Any) -> None:
    figure = pv.draw(layer, input_size, theme="dark")
    root = ElementTree.fromstring(saved(figure, "svg"))
    page = saved(figure, "pdf")

    assert root.tag == f"{SVG}svg"
    assert len(root.findall(f".//{SVG}path")) > 3
    assert page.startswith(b"%PDF-")
    assert page.rstrip().endswith(b"%%EOF")


@pytest.mark.parametrize("dpi", [50, 100, 200])
def test_savefig_follows_the_resolution(dpi: int) -> None:
    figure = pv.draw(pv.Pool(3), 7)
    width, height = figure.get_size_inches()
    pixels = decoded(saved(figure, "png", dpi=dpi))

    assert pixels.shape == (int(height * dpi), int(width * dpi), 3)


def test_savefig_may_crop() -> None:
    """Notebooks save figures with bbox_inches="tight"."""
    pixels = decoded(saved(pv.draw(pv.Pool(3), 7), "png", bbox_inches="tight"))

    assert min(pixels.shape[:2]) > 100


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_a_large_map_has_its_size_in_vector_files(kind: str) -> None:
    """224 × 224 cells become an image, which has to cover the plane; units are 0.72 points."""
    figure = pv.draw(pv.Pool(2), 224)
    expected = [0.72 * cells.plane.bounds.width for cells in artist_of(figure).picture.cells]

    assert expected == pytest.approx(IMAGE_WIDTHS[kind](figure), rel=0.01)


def _svg_image_widths(figure: Figure) -> list[float]:
    """The widths in points of the images of an SVG file, in the order of drawing."""
    images = ElementTree.fromstring(saved(figure, "svg")).iter(f"{SVG}image")
    return [_stretched(image.attrib) for image in images]


def _stretched(attributes: dict[str, str]) -> float:
    """An image's own width, times the scale of its transform."""
    transform = attributes.get("transform", "")
    scale = float(transform[7:].split()[0]) if transform.startswith("matrix(") else 1.0
    return scale * float(attributes["width"])


def _pdf_image_widths(figure: Figure) -> list[float]:
    """The same for a PDF file: the last matrix before each image is painted."""
    with matplotlib.rc_context({"pdf.compression": 0}):
        lines = saved(figure, "pdf").split(b"\n")
    return [
        float(line.partition(b" cm")[0].rpartition(b"q ")[2].split()[0])
        if line.count(b" cm") == 1
        else float(line.split(b" cm ")[-2].split()[-6])
        for line in lines
        if line.endswith(b" Do Q")
    ]


IMAGE_WIDTHS = {"svg": _svg_image_widths, "pdf": _pdf_image_widths}


@each_case
def test_every_ratio_has_its_size(layer: pv.Pool, input_size: Any) -> None:
    scene = scene_of(layer, input_size, position=(0, 0))
    renderer = PngRenderer()
    for ratio in (1.0, 2.0, 1.5, 1.0):
        rows, columns, _ = decoded(renderer(scene, LIGHT, ratio)).shape

        assert (rows, columns) == pytest.approx((scene.height * ratio, scene.width * ratio), abs=1)


def test_a_renderer_that_was_used_paints_like_a_new_one() -> None:
    """Nothing of the last scene or theme is left behind."""
    used = PngRenderer()
    for (layer, input_size), theme in zip(CASES.values(), cycle((LIGHT, DARK, DARK)), strict=False):
        scene = scene_of(layer, input_size, position=(0, 0))

        assert PngRenderer()(scene, theme) == used(scene, theme)


def test_rc_parameters_stay_as_they_are() -> None:
    """Begun from the defaults, so that no earlier picture can have set one already."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        before = dict(matplotlib.rcParams)
        for case in ("ok", "broken", "volume", "large"):
            figure = pv.draw(*CASES[case])
            figure.png()
            saved(figure, "svg")

        assert before == dict(matplotlib.rcParams)


DRAW = "import io, poolviz as pv\nfigure = pv.draw(pv.Pool(15), 10)\nfigure.png()\n"
SAVE = "".join(f"figure.savefig(io.BytesIO(), format={kind!r})\n" for kind in ("png", "svg", "pdf"))


@pytest.mark.long
@pytest.mark.parametrize("backend", ["", "TkAgg"])
def test_it_needs_no_pyplot_and_no_display(backend: str) -> None:
    """A backend for windows may be set, and there may be no screen to open one on."""
    environment = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "MPLBACKEND": backend}
    names = ("matplotlib.pyplot", "tkinter", "matplotlib.backends.backend_tkagg")

    assert loaded_by(DRAW + SAVE, names, ROOT, **environment) == []


def test_pyplot_does_not_know_the_figure() -> None:
    code = f"import matplotlib.pyplot as plt\n{DRAW}print(plt.get_fignums())"

    assert _run(code, MPLBACKEND="Agg") == "[]"


@pytest.mark.long
@few
@given(any_calls())
@example(Call(pv.Pool((7, 5, 6), framework="jax"), (4, 11, 9)))
@example(Call(pv.Pool((3, 2, 2), stride=(3, 2, 2)), (4, 4, 4)))
def test_any_geometry_is_drawn(call: Call) -> None:
    """Never an error for geometry, on either theme."""
    figure = pv.draw(*call, theme="dark", slice_index=9, position=(9, 9))

    assert decoded(figure.png()).shape[1] == 900


@pytest.mark.parametrize(
    ("given_input", "shown"),
    [
        ([[1, 2], [3, 44]], "44"),
        (np.array([[1.0, 2.0], [3.0, 44.0]]), "44"),
        (np.arange(16.0).reshape(2, 2, 2, 2), "3"),
        (np.array([[True, False], [False, True]]), "1"),
    ],
)
def test_an_array_is_drawn_with_its_values(given_input: Any, shown: str) -> None:
    """Of a batch the first map of the first example: here 0 to 3."""
    figure = pv.draw(pv.Pool(2), given_input)
    _, output = artist_of(figure).picture.cells

    assert output.numbers is not None
    assert output.numbers.texts == ((shown,),)
    assert decoded(figure.png()).shape[1] == 900


@pytest.mark.parametrize("theme", ["blue", "LIGHT", None])
def test_an_unknown_theme_is_refused(theme: Any) -> None:
    with pytest.raises(ValueError, match='theme must be "light" or "dark", got'):
        pv.draw(pv.Pool(2), 4, theme=theme)


class _Images(HTMLParser):
    """The attributes of the images in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs))


@each_case
def test_it_shows_itself_with_alt_text(layer: pv.Pool, input_size: Any) -> None:
    figure = pv.draw(layer, input_size)
    bundle = figure._repr_mimebundle_()
    reader = _Images()
    reader.feed(bundle["text/html"])
    (image,) = reader.found

    assert image["alt"] == figure.alt
    assert image["src"] == f"data:image/png;base64,{bundle['image/png']}"
    assert bundle["text/plain"] == repr(figure)
    assert str(pv.diagnose(layer, input_size)).split("\n")[0] in repr(figure)


# --- colours -------------------------------------------------------------------------------------


def tone(colour: Colour) -> tuple[int, ...]:
    """A colour of the theme as it is in a live picture."""
    return tuple(round(255 * part) for part in colour)


def inside(pixels: NDArray[np.uint8], rect: Rect, margin: float = 2) -> NDArray[np.uint8]:
    """The pixels of a rectangle without its rim, one a row."""
    top, bottom = round(rect.top + margin), round(rect.bottom - margin)
    left, right = round(rect.left + margin), round(rect.right - margin)
    return pixels[top:bottom, left:right].reshape(-1, 3)


def commonest(pixels: NDArray[np.uint8]) -> tuple[int, ...]:
    """The colour of most pixels: the ground under numbers, lines and dots."""
    return Counter(map(tuple, pixels.tolist())).most_common(1)[0][0]


def share(pixels: NDArray[np.uint8], colour: tuple[int, ...], within: int = 24) -> float:
    """The share of pixels that are nearly of one colour."""
    distance = np.abs(pixels.astype(int) - colour).max(axis=1)
    return float((distance <= within).mean())


def ramp_distance(colour: tuple[int, ...], theme: Theme) -> float:
    """Return the distance of a colour from every colour that a value can have."""
    steps = np.linspace(0, 1, 101)[:, None]
    ramp = np.array(tone(theme.low)) * (1 - steps) + np.array(tone(theme.high)) * steps
    return float(np.abs(ramp - colour).max(axis=1).min())


def blended(top: Colour, under: Colour, alpha: float) -> Colour:
    """Return the colour that two colours, one over the other, give."""
    red, green, blue = (alpha * t + (1 - alpha) * u for t, u in zip(top, under, strict=True))
    return red, green, blue


@each_theme
def test_the_page_has_the_colour_of_the_theme(theme: Theme) -> None:
    pixels = decoded(pv.draw(pv.Pool(3), 7, theme=theme.name).png())
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]]

    page = tuple(round(255 * part) for part in theme.page)
    assert {page} == set(map(tuple, corners.tolist()))
    assert (pixels.mean() < 100) == (theme is DARK)


@each_theme
def test_the_cells_have_the_colours_of_their_values(theme: Theme) -> None:
    x = np.array([[0.0, 1.0], [0.5, np.nan]])
    scene = build_scene(pv.trace(pv.Pool(1), 2), x, View())
    pixels = painted(scene, theme)
    actual = [
        commonest(inside(pixels, scene.input_plane.rect(row, column, 1, 1)))
        for row, column in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]
    middle = blended(theme.low, theme.high, 0.5)
    expected = [tone(colour) for colour in (theme.low, theme.high, middle, theme.no_value)]

    assert np.abs(np.array(expected) - np.array(actual)).max() <= 1


@pytest.mark.parametrize("size", [20, 200])
def test_cells_stand_where_their_values_stand(size: int) -> None:
    """Drawn one by one or as an image: large values above on the right only."""
    half = size // 2
    x = np.zeros((size, size))
    x[:half, half:] = 1
    scene = build_scene(pv.trace(pv.Pool(1), size), x, View())
    pixels, plane = painted(scene), scene.input_plane
    actual = [
        commonest(inside(pixels, plane.rect(row, column, half, half)))
        for row, column in ((0, 0), (0, half), (half, 0), (half, half))
    ]

    assert actual == [tone(LIGHT.low), tone(LIGHT.high), tone(LIGHT.low), tone(LIGHT.low)]


@each_theme
def test_padding_looks_unlike_data(theme: Theme) -> None:
    """Another ground, and lines on it that no data cell has."""
    scene = scene_of(pv.Pool(3, stride=2, padding=1), (6, 7))
    pixels = painted(scene, theme)
    padding = inside(pixels, scene.input_plane.rect(2, -1, 3, 1))
    data = inside(pixels, scene.input_plane.rect(2, 3, 1, 1), margin=4)

    assert commonest(padding) == tone(theme.padding)
    assert share(padding, tone(theme.padding_line)) > 0.03
    assert share(data, tone(theme.padding_line), within=4) < 0.01
    assert ramp_distance(tone(theme.padding), theme) > 4


@each_theme
def test_unread_cells_are_shaded_and_dotted(theme: Theme) -> None:
    """Where two bands cross the shade is the same: it is not laid on twice."""
    scene = scene_of(pv.Pool(3, stride=5), 10, np.zeros((10, 10)))
    pixels = painted(scene, theme)
    read, band, crossing = (
        inside(pixels, scene.input_plane.rect(row, column, 1, 1))
        for row, column in ((0, 5), (0, 3), (3, 3))
    )
    shaded = tone(blended(theme.unread, theme.low, 0.55))

    assert commonest(read) == tone(theme.low)
    assert np.abs(np.array(commonest(band)) - shaded).max() <= 2
    assert commonest(band) == commonest(crossing)
    # Both bear the same number; what is drawn beside it are the dots.
    drawn = [1 - share(cell, commonest(cell)) for cell in (read, band)]
    assert drawn[1] > drawn[0] + 0.02


@each_theme
@pytest.mark.parametrize("case", ["broken", "one axis", "truncated", "empty"])
def test_what_is_missing_is_hatched_in_red(case: str, theme: Theme) -> None:
    """And nothing in a picture without an error is."""
    scene = scene_of(*CASES[case])
    good = scene_of(*CASES["ok"], position=(0, 0))
    missing = np.concatenate(
        [inside(painted(scene, theme), rect, margin=4) for rect in rects(scene, "missing")]
    )

    assert share(missing, tone(theme.error), within=70) > 0.1
    assert share(missing, tone(theme.page)) > 0.1
    assert share(painted(good, theme).reshape(-1, 3), tone(theme.error)) < 0.0005


@each_theme
def test_the_current_window_and_its_output_cell_have_one_colour(theme: Theme) -> None:
    scene = scene_of(pv.Pool(3, stride=2, padding=1), (6, 7), position=(1, 2))
    pixels = painted(scene, theme)
    for rect in rects(scene, "kernel"):
        middle = round((rect.top + rect.bottom) / 2)

        assert tuple(pixels[middle, round(rect.left)]) == tone(theme.kernel)
        assert tuple(pixels[middle, round(rect.right)]) == tone(theme.kernel)


@each_theme
def test_the_winner_is_framed(theme: Theme) -> None:
    scene = scene_of(pv.Pool(3, stride=3), 9, position=(1, 1))
    (rect,) = rects(scene, "winner")
    frame = inside(painted(scene, theme), rect, margin=1)
    others = inside(painted(scene_of(pv.Pool(3, stride=3), 9), theme), rect, margin=1)

    assert share(frame, tone(theme.accent)) > 0.1
    assert share(others, tone(theme.accent)) < 0.01


def test_ghost_and_nothing_are_dashed_in_different_colours() -> None:
    for case, role, colour in (("broken", "ghost", LIGHT.error), ("empty", "nothing", LIGHT.muted)):
        scene = scene_of(*CASES[case])
        (rect,) = rects(scene, role)
        edge = painted(scene)[round(rect.top), round(rect.left) : round(rect.right)]
        dashes = np.abs(edge.astype(int) - tone(colour)).max(axis=1) < 60

        assert sum(a != b for a, b in pairwise(dashes)) > 5


def test_a_label_is_written_where_the_scene_puts_it() -> None:
    scene = scene_of(*CASES["broken"])
    pixels = painted(scene)
    words = label(scene, "cells missing")
    where = Rect(words.x, words.y - words.size, 200, words.size * 1.3)
    empty = Rect(words.x + 400, words.y - words.size, 200, words.size * 1.3)

    assert share(inside(pixels, where, 0), tone(LIGHT.error), within=60) > 0.1
    assert commonest(inside(pixels, empty, 0)) == tone(LIGHT.page)
    assert len(np.unique(inside(pixels, empty, 0), axis=0)) == 1


# --- the PNG writer ------------------------------------------------------------------------------


@many
@given(
    st.tuples(st.integers(1, 16), st.integers(1, 16)).flatmap(
        lambda shape: arrays(np.uint8, (*shape, 4))
    )
)
def test_png_files_round_trip(pixels: NDArray[np.uint8]) -> None:
    pixels[:, :, 3] = 255
    found = decoded(png.encode(pixels))
    assert np.array_equal(found >> 2, pixels[:, :, :3] >> 2)  # by less than 4 in each channel


def test_flat_colours_stay_as_they_are() -> None:
    codes = np.arange(256, dtype=np.uint8)
    pixels = np.stack([codes & 0xF8, codes << 3, codes << 5 | 3, codes | 255], axis=-1)[None]
    assert np.array_equal(decoded(png.encode(pixels)), pixels[:, :, :3])


def test_the_rarest_of_too_many_colours_become_the_nearest() -> None:
    flat = np.full((300, 300, 4), 255, dtype=np.uint8)
    flat[:, :, 0] = (np.arange(300) // 10 * 8)[:, None]
    flat[:, :, 1] = np.arange(300) // 40 * 32
    rare = flat.copy()
    rare[0, :, 2] = np.arange(300) % 32 * 8  # colours of a single pixel each
    found = decoded(png.encode(rare))
    assert len(np.unique(found.reshape(-1, 3), axis=0)) <= 256
    assert np.array_equal(found[1:], flat[1:, :, :3])


@pytest.mark.parametrize(
    "pixels",
    [
        np.arange(4 * 5 * 5, dtype=np.uint8).reshape(4, 5, 5)[:, :, :4],
        np.arange(4 * 6 * 4, dtype=np.uint8).reshape(4, 6, 4)[::-1, ::2],
        np.asfortranarray(np.arange(4 * 6 * 4, dtype=np.uint8).reshape(4, 6, 4)),
    ],
    ids=["a part", "reversed", "by columns"],
)
def test_png_files_of_any_memory_layout(pixels: NDArray[np.uint8]) -> None:
    pixels = pixels.copy(order="K")
    pixels[:, :, 3] = 255
    assert np.array_equal(decoded(png.encode(pixels)) >> 2, pixels[:, :, :3] >> 2)


# --- letters -------------------------------------------------------------------------------------


class _Font:
    """DejaVu Sans, read with fontTools: advance widths in em."""

    def __init__(self, name: str) -> None:
        folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        font = TTFont(folder / name)
        self.glyphs, self.metrics = font.getBestCmap(), font["hmtx"]
        self.em = font["head"].unitsPerEm

    def width(self, text: str) -> float:
        """The advance of a text without kerning."""
        widths = [int(self.metrics[self.glyphs[ord(letter)]][0]) for letter in text]
        return sum(widths) / int(self.em)


REGULAR, BOLD = _Font("DejaVuSans.ttf"), _Font("DejaVuSans-Bold.ttf")


@pytest.mark.parametrize("letter", "0123456789-−.,+e∞na× ")
def test_letters_of_numbers_and_sizes_have_the_width_of_the_font(letter: str) -> None:
    """What format_value and by write: 1e-07, nan, −4 × 10,000."""
    assert REGULAR.width(letter) == pytest.approx(text_width(letter), rel=0.01)


@pytest.mark.parametrize(
    "text", ["7", "-9", "0.333", "-3.25", "1e9", "1.2e-07", "∞", "-∞", "nan", "4 × 6", "−4 × −4"]
)
def test_texts_have_the_width_of_the_font(text: str) -> None:
    assert REGULAR.width(text) == pytest.approx(text_width(text), rel=0.01)


@pytest.mark.parametrize("text", ["height: ⌊(4 − 5) / 2⌋ + 1 = 0", "−∞ ≤ ⌈x⌉ · × → ✗", "a  b"])
@pytest.mark.parametrize("is_bold", [False, True])
def test_painted_texts_have_the_width_of_the_font(text: str, is_bold: bool) -> None:
    font = BOLD if is_bold else REGULAR

    assert font.width(text) == pytest.approx(glyphs.outline(text, is_bold).width, rel=0.01)


@pytest.mark.parametrize("name", EXAMPLES)
def test_words_do_not_run_off_the_page(name: str) -> None:
    """Every label of the named examples ends inside the picture."""
    found = EXAMPLES[name]
    artist = artist_of(pv.draw(found.layer, found.input_size))
    too_long = []
    for one in (*artist.picture.captions, *artist.picture.labels):
        width = glyphs.outline(one.text, one.bold).width * one.size
        shift = {"left": 0.0, "center": 0.5, "right": 1.0}[one.align]
        start = one.x - shift * width
        if not one.upright and not 0 <= start <= start + width <= artist.picture.width:
            too_long.append(one.text)

    assert too_long == []


# --- contrast (WCAG 2.2, 1.4.3 and 1.4.11) -------------------------------------------------------

READABLE, VISIBLE = 4.5, 3.0  # least contrast of text, and of lines that carry a meaning
TAP, UNREAD = 0.18, UNREAD_ALPHA  # how much of these marks covers a cell
BROKEN = 0.07


def luminance(colour: Colour) -> float:
    """Relative luminance of an sRGB colour."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """1 for equal colours, 21 for black on white."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 0, 0), (1, 1, 1), 21.0),
        ((1, 1, 1), (1, 1, 1), 1.0),
        ((119 / 255,) * 3, (1, 1, 1), 4.48),
        ((118 / 255,) * 3, (1, 1, 1), 4.54),
    ],
)
def test_contrast_is_that_of_wcag(one: Colour, other: Colour, expected: float) -> None:
    """#767676 is the lightest grey that can be read on white, #777777 the darkest that cannot."""
    assert expected == pytest.approx(contrast(one, other), abs=0.01)


@each_theme
@pytest.mark.parametrize("name", ["text", "muted", "error", "good", "accent"])
def test_words_can_be_read_on_the_page(name: str, theme: Theme) -> None:
    assert contrast(theme.tone(name), theme.page) >= READABLE


@each_theme
@pytest.mark.parametrize("value", ["low", "high", "no_value"])
@pytest.mark.parametrize(
    ("mark", "alpha"), [(None, 0.0), ("unread", UNREAD), ("kernel", TAP), ("error", BROKEN)]
)
def test_numbers_can_be_read_on_every_cell(
    value: str, mark: str | None, alpha: float, theme: Theme
) -> None:
    """Also on cells that are unread, read by the current window, or under a broken kernel."""
    ground = theme.tone(value)
    if mark is not None:
        ground = blended(theme.tone(mark), ground, alpha)

    assert contrast(theme.text, ground) >= READABLE


@each_theme
def test_padding_symbols_can_be_read(theme: Theme) -> None:
    assert contrast(theme.muted, theme.padding) >= READABLE


@each_theme
@pytest.mark.parametrize("name", ["kernel", "window", "error", "accent", "unread_dot"])
def test_marks_can_be_seen_on_the_page(name: str, theme: Theme) -> None:
    assert contrast(theme.tone(name), theme.page) >= VISIBLE


@each_theme
@pytest.mark.parametrize("name", ["page", "low", "high", "no_value", "padding"])
def test_window_outlines_can_be_seen_on_every_cell(name: str, theme: Theme) -> None:
    ground = theme.tone(name)

    assert contrast(blended(theme.window, ground, WINDOW_ALPHA), ground) >= VISIBLE


@each_theme
def test_patterns_can_be_seen_on_what_they_mark(theme: Theme) -> None:
    """Hatching on padding, dots on unread cells of every colour."""
    assert contrast(theme.padding_line, theme.padding) >= VISIBLE
    for value in (theme.low, theme.high, theme.no_value):
        assert contrast(theme.unread_dot, blended(theme.unread, value, UNREAD_ALPHA)) >= VISIBLE
