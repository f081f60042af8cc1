"""Pictures of all widgets, in three themes and at three widths: taken, stored and compared."""

from __future__ import annotations

import base64
import io
import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

import poolviz as pv
from poolviz.widgets.dashboard import Dashboard
from tools.screens.host import HostPage

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
MESSAGE = (
    "RuntimeError: Given input size: (64x1x1). Calculated output size: (64x0x0). "
    "Output size is too small"
)
BLOCKS = [layer for n in (8, 16, 32, 64, 128) for layer in (pv.Conv(n, 3, padding=1), pv.Pool(2))]
WIDGETS: dict[str, Callable[[], Any]] = {
    "explorer": lambda: pv.PoolExplorer(10, kernel_size=15),
    "layer": lambda: pv.LayerExplorer(pv.Conv(2, 3, stride=2), 9),
    "stack": lambda: pv.StackExplorer(pv.Stack(BLOCKS, (1, 28, 28))),
    "decoder": lambda: pv.ErrorDecoder(MESSAGE),
    "map": lambda: pv.SizeMap(10, 3, y="padding"),
    "comparison": lambda: pv.FrameworkComparison(7, 3, stride=2, padding="same", framework="keras"),
    "card": lambda: pv.ExerciseCard("unread-in-a-grid"),
    "page": lambda: pv.PoolExplorer((7, 9), 3, stride=2, padding=1, op="avg"),
    "app": Dashboard,
}
ONLY = {"kernel_size": [3], "stride": [2], "padding": [1], "dilation": [1], "op": ["avg"]}
THEMES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "contrast": "no-preference"},
    "dark": {"color_scheme": "dark", "contrast": "no-preference"},
    "contrast": {"color_scheme": "dark", "contrast": "more"},
}
WIDTHS = (390, 900, 1366)
MOST_HEIGHT = 1100  # of a picture; the rest of a widget on a phone is left out
SCALE = {390: 0.75}  # that pictures are stored at
USUAL_SCALE = 0.6
COLOURS = 24  # with so few all pictures together have 1.5 MB


class Shot(NamedTuple):
    """One picture: which widget, theme and width."""

    widget: str
    theme: str
    width: int

    @property
    def path(self) -> Path:
        """File of the stored picture."""
        return FOLDER / f"{self.widget}-{self.theme}-{self.width}.png"


SHOTS = [Shot(*each) for each in itertools.product(WIDGETS, THEMES, WIDTHS)]


def fonts() -> str:
    """Return the style sheet of matplotlib's fonts: other machines have other ones."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    faces = [
        ("Screens", "normal", "DejaVuSans"),
        ("Screens", "bold", "DejaVuSans-Bold"),
        ("Screens Code", "normal", "DejaVuSansMono"),
    ]
    rules = [
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
        f"src: url(data:font/ttf;base64,{_base64(folder / f'{name}.ttf')}) }}"
        for family, weight, name in faces
    ]
    rules.append(
        ":root { --jp-ui-font-family: 'Screens'; --jp-code-font-family: 'Screens Code' }"
        "body { font-family: 'Screens'; margin: 0 8px } #before, #after { display: none }"
    )
    return "\n".join(rules)


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


# --- taken ---------------------------------------------------------------------------------------


def taken(
    host: HostPage, shots: Iterable[Shot], scratch: Path
) -> Iterator[tuple[Shot, Image.Image]]:
    """Take pictures; those of one widget follow each other. The page must bypass policies."""
    page = host.page
    for name, each in itertools.groupby(shots, key=lambda shot: shot.widget):
        wanted = list(each)
        page.set_viewport_size({"width": wanted[0].width, "height": 800})
        page.emulate_media(**THEMES[wanted[0].theme])
        _open(host, name, scratch)
        for shot in wanted:
            page.set_viewport_size({"width": shot.width, "height": 800})
            page.emulate_media(**THEMES[shot.theme])
            settle(page)
            yield shot, _picture(page)


def _open(host: HostPage, name: str, scratch: Path) -> None:
    page, widget = host.page, WIDGETS[name]()
    if name == "page":
        path = widget.save(scratch / "page.html", **ONLY)
        page.goto(path.as_uri())
        page.locator("main[data-ready]").wait_for()
    elif isinstance(widget, Dashboard):
        host.show(*widget.children)
    else:
        host.show(widget)
    page.add_style_tag(content=fonts())
    page.evaluate("() => document.fonts.ready.then(() => {})")


def settle(page: Page) -> None:
    """Wait until the widget has been drawn for this width and theme, and nothing moves."""
    page.evaluate(
        """async () => {
        const look = () => [...document.querySelectorAll('main .pv-picture, main .poolviz')]
          .map((one) => [one.src, one.dataset.theme, one.offsetWidth, one.offsetHeight,
            one.querySelectorAll('button, input, label').length].join())
          .join();
        const rest = (ms) => new Promise((done) => setTimeout(done, ms));
        await rest(320); // a width is sent once it rests
        await globalThis.host?.rest();
        let before, now = look();
        do { before = now; await rest(80); await globalThis.host?.rest(); now = look(); }
        while (now !== before);
        }"""
    )


def _picture(page: Page) -> Image.Image:
    size: list[int] = page.evaluate(
        "() => [document.documentElement.clientWidth, document.querySelector('main').scrollHeight]"
    )
    clip = {"x": 0, "y": 0, "width": size[0], "height": min(size[1] + 16, MOST_HEIGHT)}
    shot = page.screenshot(clip=clip, full_page=True)  # type: ignore[arg-type]
    return Image.open(io.BytesIO(shot)).convert("RGB")


_NONE = Image.Dither.NONE

# --- stored --------------------------------------------------------------------------------------


def store(shot: Shot, picture: Image.Image) -> None:
    """Write a picture with few colours: all together are to stay small."""
    shot.path.parent.mkdir(exist_ok=True)
    few = scaled(shot, picture).quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=_NONE)
    few.save(shot.path, optimize=True)


def scaled(shot: Shot, picture: Image.Image) -> Image.Image:
    """Return a picture as large as it is stored."""
    scale = SCALE.get(shot.width, USUAL_SCALE)
    size = round(picture.width * scale), round(picture.height * scale)
    return picture.resize(size, Image.Resampling.LANCZOS)


# --- compared ------------------------------------------------------------------------------------

BLOCK = 10  # pixels that are averaged
BLUR = 1.2  # blocks
HEIGHT = 0.06  # of the height that may differ: other fonts break lines elsewhere
DIFFERENT = 32  # of 255, in one colour of a block
MOST_DIFFERENT = 0.02  # of the blocks


class Difference(NamedTuple):
    """How much two pictures differ, and where: columns and rows from … to …, in pixels."""

    share: float
    place: tuple[int, int, int, int] | None
    heights: tuple[int, int]

    @property
    def is_large(self) -> bool:
        """Whether it is more than another machine's fonts make."""
        before, now = self.heights
        return self.share > MOST_DIFFERENT or abs(before - now) > HEIGHT * before

    def __str__(self) -> str:
        before, now = self.heights
        where = "nowhere" if self.place is None else "x {}–{}, y {}–{}".format(*self.place)
        return f"{self.share:.1%} of the area differs, {where}; height {before} → {now}"


def difference(stored: Image.Image, picture: Image.Image) -> Difference:
    """Compare a picture with the stored one: blocks, blurred, so that no letter matters."""
    heights = stored.height, picture.height
    height = min(heights)
    before, now = (_blocks(one.crop((0, 0, one.width, height))) for one in (stored, picture))
    columns = min(before.shape[1], now.shape[1])
    differs = np.abs(before[:, :columns] - now[:, :columns]).max(axis=2) > DIFFERENT
    if not differs.any():
        return Difference(0.0, None, heights)
    rows, across = (np.flatnonzero(differs.any(axis=1 - axis)) * BLOCK for axis in (0, 1))
    place = (across[0], across[-1] + BLOCK, rows[0], rows[-1] + BLOCK)
    return Difference(float(differs.mean()), tuple(map(int, place)), heights)  # type: ignore[arg-type]


def _blocks(picture: Image.Image) -> NDArray[Any]:
    size = max(1, picture.width // BLOCK), max(1, picture.height // BLOCK)
    small = picture.convert("RGB").resize(size, Image.Resampling.BOX)
    return np.asarray(small.filter(ImageFilter.GaussianBlur(BLUR)), dtype=float)
