"""From scene to pixels: files that decode, colours where they belong, no trace in matplotlib."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from html.parser import HTMLParser
from itertools import cycle
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

import poolviz as pv
from poolviz.diagnosis.layer.examples import EXAMPLES
from poolviz.drawing.mpl import glyphs, png
from poolviz.drawing.mpl.artist import PictureArtist
from poolviz.drawing.mpl.figure import PngRenderer
from poolviz.drawing.scene.numerals import text_width
from poolviz.drawing.scene.theme import DARK, LIGHT, THEMES
from tests.diagnosis.diagnosed_calls import Call, any_calls, few, many
from tests.drawing.scene_parts import CASES, decoded, scene_of
from tools.architecture import loaded_by

ROOT = Path(pv.__file__).parent.parent
SVG = "{http://www.w3.org/2000/svg}"

each_case = pytest.mark.parametrize(("layer", "input_size"), CASES.values(), ids=CASES)
each_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)


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
