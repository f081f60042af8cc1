"""Colours where they belong in the painted picture, and their contrast."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

import poolviz as pv
from poolviz.drawing.scene.layout import Rect
from poolviz.drawing.scene.mark_styles import UNREAD_ALPHA, WINDOW_ALPHA
from poolviz.drawing.scene.plane_views import View
from poolviz.drawing.scene.scene import build_scene
from poolviz.drawing.scene.theme import DARK, LIGHT, THEMES, Colour, Theme
from tests.drawing.scene_parts import CASES, decoded, label, painted, rects, scene_of

each_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)


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
