"""Colours by role, light and dark; every role also has a pattern, see `mark_styles`."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float]


def _rgb(code: str) -> Colour:
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours; the names are those of mark styles and label tones."""

    name: str
    page: Colour
    low: Colour  # the smallest value
    high: Colour  # the largest value
    no_value: Colour  # NaN, or cells whose values are not shown
    text: Colour
    muted: Colour
    error: Colour
    good: Colour
    accent: Colour  # the text form of the current window's colour
    kernel: Colour
    window: Colour
    padding: Colour
    padding_line: Colour
    unread: Colour
    unread_dot: Colour

    def tone(self, name: str) -> Colour:
        """Return the colour with a name."""
        colour: Colour = getattr(self, name)
        return colour


# Contrasts are checked by a test: text tones ≥ 4.5:1 on the page and on every cell colour, lines
# that mean something ≥ 3:1.
LIGHT = Theme(
    name="light",
    page=_rgb("#ffffff"),
    low=_rgb("#f7fbff"),
    high=_rgb("#86b9dd"),
    no_value=_rgb("#eceff1"),
    text=_rgb("#1b2733"),
    muted=_rgb("#56616b"),
    error=_rgb("#b3261e"),
    good=_rgb("#00684a"),
    accent=_rgb("#8a5a00"),
    kernel=_rgb("#c98200"),
    window=_rgb("#1a4a75"),
    padding=_rgb("#eef0f2"),
    padding_line=_rgb("#7d8893"),
    unread=_rgb("#b9bdc2"),
    unread_dot=_rgb("#565f69"),
)
DARK = Theme(
    name="dark",
    page=_rgb("#111418"),
    low=_rgb("#18222d"),
    high=_rgb("#2a6496"),
    no_value=_rgb("#252b31"),
    text=_rgb("#eef2f6"),
    muted=_rgb("#a9b4be"),
    error=_rgb("#ff8f86"),
    good=_rgb("#5fd3a6"),
    accent=_rgb("#f4c15a"),
    kernel=_rgb("#f0b429"),
    window=_rgb("#b4d8f7"),
    padding=_rgb("#1d2126"),
    padding_line=_rgb("#6b7681"),
    unread=_rgb("#3c4249"),
    unread_dot=_rgb("#98a2ac"),
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}
