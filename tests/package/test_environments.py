"""The machine around poolviz: fonts, languages, back ends, styles and threads that differ.

Each case is a fresh process; its pictures are compared with those of one without any of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.release

PICTURES = """
import hashlib
import poolviz as pv

def pictures(still=True):
    made = (
        pv.PoolExplorer(10, 15, show="read counts"),
        pv.StackExplorer(pv.Stack([pv.Conv(4, 3), pv.Pool(9)], (9, 9, 1), framework="keras")),
        pv.SizeMap(10, 3),
        pv.FrameworkComparison(7, 3),
        pv.ErrorDecoder("Negative dimension size caused by subtracting 2 from 1 for 'p/MaxPool'"),
        pv.ExerciseCard("unread-in-a-grid"),
    )
    live = [getattr(one, "view", one).picture for one in made]
    bundles = [one._repr_mimebundle_()[0] for one in made if still]
    stills = [one.get("image/png", one.get("text/html", "")).encode() for one in bundles]
    drawn = [pv.draw(pv.Pool(3, dilation=2), (6, 7)).png()]
    for one in made:
        one.close()
    return [hashlib.sha256(picture).hexdigest()[:12] for picture in [*drawn, *live, *stills]]
"""
PRINTED = f"{PICTURES}\nprint(*pictures())"


def run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A fresh Python with these variables set."""
    known = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, *(arguments or ("-c", code))]
    return subprocess.run(command, env=known, capture_output=True, timeout=600)


def said(code: str, **environment: str) -> str:
    """Return what it printed, in ASCII; it must not fail."""
    done = run(code, **environment)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode("ascii").strip()


@cache
def usual() -> str:
    return said(PRINTED)


# --- fonts, back ends, locales -------------------------------------------------------------------

# Names and values of variables that change nothing that a user sees.
ENVIRONMENTS = {
    "nothing can be written": {
        "MPLCONFIGDIR": "/dev/null/none",
        "HOME": "/dev/null/none",
        "XDG_CACHE_HOME": "/dev/null/none",
        "XDG_CONFIG_HOME": "/dev/null/none",
    },
    "another back end": {"MPLBACKEND": "Qt5Agg"},
    "the notebook's back end": {"MPLBACKEND": "module://matplotlib_inline.backend_inline"},
    "plain ASCII": {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
    },
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_pictures_are_the_same(name: str) -> None:
    assert said(PRINTED, **ENVIRONMENTS[name]) == usual()


def test_glyphs_come_from_the_font_that_matplotlib_brings() -> None:
    """No font is known at all, and one of the same name is another."""
    forget = (
        "from matplotlib import font_manager\n"
        "known = font_manager.fontManager\n"
        "other = [one for one in known.ttflist if 'STIX' in one.name][0]\n"
        "known.ttflist = [font_manager.FontEntry(fname=other.fname, name='DejaVu Sans')]\n"
    )

    assert said(forget + PRINTED) == usual()


def test_an_unknown_back_end_leaves_numbers_and_words() -> None:
    """matplotlib itself cannot be imported then; what needs no picture works, the rest says why."""
    code = """
import poolviz as pv
print(pv.output_size(10, 3), pv.decode("subtracting 2 from 1 for 'p/MaxPool'") is None)
print(len(str(pv.diagnose(pv.Pool(15), 10))) > 50, len(pv.exercises()) > 50)
try:
    pv.draw(pv.Pool(3), 9)
except ValueError as wrong:
    print("backend" in str(wrong))
"""

    assert said(code, MPLBACKEND="nonsense").split() == ["3", "True", "True", "True", "True"]


LOCALE = ENVIRONMENTS["plain ASCII"]


def test_words_in_a_locale_without_them() -> None:
    """Everything has its words; only printing them is up to Python."""
    code = """
import poolviz as pv
texts = [
    repr(pv.PoolExplorer(10, 15)), str(pv.diagnose(pv.Pool(15), 10)), repr(pv.Pool(3)),
    str(pv.decode("Given input size: (64x1x9). Calculated output size: (64x0x4). "
                  "Output size is too small")),
    str(pv.read_code("nn.Sequential(nn.Conv2d(1, 8, 3), nn.MaxPool2d(30))", (1, 28, 28))),
    pv.exercise("size-plain", language="de").question, pv.exercise("size-plain").question,
]
print("\\n".join(text.encode("unicode_escape").decode() for text in texts))
"""

    words = said(code, **LOCALE)
    assert words == said(code)
    assert r"10 \xd7 10" in words


@pytest.mark.parametrize("arguments", [(), ("--help",), ("copy", "FOLDER"), ("nonsense",)])
def test_the_command_in_a_locale_without_words(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """It does what it does elsewhere, and prints no traceback."""
    done = [
        run(
            "",
            *("-m", "poolviz"),
            *(str(tmp_path / f"copy{i}") if word == "FOLDER" else word for word in arguments),
            **environment,
        )
        for i, environment in enumerate(({}, LOCALE))
    ]

    assert done[0].returncode == done[1].returncode
    assert b"Traceback" not in done[1].stderr
    if "copy" in arguments:
        copies = [sorted(path.name for path in (tmp_path / f"copy{i}").iterdir()) for i in (0, 1)]
        assert copies[0] == copies[1] != []


# --- a session of the user's with pyplot ---------------------------------------------------------

STYLES = {
    "a dark style": "plt.style.use('dark_background')",
    "xkcd": "plt.xkcd()",
    "a font": "plt.rcParams.update({'font.family': 'serif', 'font.size': 22})",
    "dots": "plt.rcParams.update({'figure.dpi': 37, 'savefig.dpi': 300})",
    "TeX": "plt.rcParams['text.usetex'] = True",
    "saving": "plt.rcParams.update({'savefig.bbox': 'tight', 'savefig.transparent': True, "
    "'savefig.facecolor': 'red', 'savefig.pad_inches': 2})",
    "lines": "plt.rcParams.update({'lines.linewidth': 9, 'patch.linewidth': 7, "
    "'hatch.linewidth': 5, 'hatch.color': 'red', 'lines.antialiased': False, "
    "'patch.antialiased': False, 'path.sketch': (5, 10, 3), 'figure.autolayout': True, "
    "'axes.facecolor': 'green', 'figure.facecolor': 'cyan', 'text.color': 'red', "
    "'text.hinting': 'native', 'text.antialiased': False, 'path.simplify': False})",
}
SESSION = f"""
{PICTURES}
import matplotlib, warnings
matplotlib.use("Agg")
import matplotlib.pyplot as plt
warnings.simplefilter("ignore")  # fonts that xkcd would like
for name, style in STYLES.items():
    with plt.rc_context():
        exec(style)
        own = plt.figure()
        before = {{key: str(value) for key, value in plt.rcParams.items()}}, plt.get_fignums()
        found = " ".join(pictures(still=False))
        after = {{key: str(value) for key, value in plt.rcParams.items()}}, plt.get_fignums()
        print(name, found, before == after and plt.gcf() is own, sep="|")
        plt.close(own)
"""


def test_styles_of_the_reader_change_no_picture_and_are_not_changed() -> None:
    lines = said(f"STYLES = {STYLES!r}\n{SESSION}").splitlines()
    found = [tuple(line.split("|")) for line in lines]

    assert [name for name, _, _ in found] == list(STYLES)
    for name, pictures, is_as_before in found:
        assert len(pictures.split()) == 7
        assert usual().startswith(pictures), name
        assert is_as_before == "True", name


# --- threads -------------------------------------------------------------------------------------

LIVES = """
import hashlib, sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
import poolviz as pv

sys.setswitchinterval(1e-5)
FRAMEWORKS = ("pytorch", "tensorflow", "keras", "jax", "onnxruntime")
together = Barrier(8, timeout=120)  # when one of them has failed, the others do not wait for ever

def life(i, wait=lambda: None):
    wait()
    found = []
    w = pv.PoolExplorer(4 + i, 1 + i % 4, framework=FRAMEWORKS[i % 5])
    for k in range(4):
        settings = {**w.state["settings"], "kernel_size": [1 + (i + k) % 6] * 2}
        w.set_state({"asked": {"settings": settings, "n": k}})
        found += [hashlib.sha256(w.picture).hexdigest(), repr(w), w.state["problem"]]
    w.close()
    s = pv.StackExplorer(pv.Stack([pv.Conv(4, 3), pv.Pool(2)], (12 + i, 12, 1), framework="keras"))
    found += [hashlib.sha256(s.view.picture).hexdigest(), repr(s)]
    s.close()
    found.append(str(pv.decode(f"subtracting {2 + i} from 1 for 'x/MaxPool'")))
    for one in (pv.exercise(name, seed=i) for name in pv.exercises()[i::8]):
        found += [one.question, str(one.check(one.answer)), str(one.check("7 x 7"))]
    return found

with ThreadPoolExecutor(8) as pool:
    at_once = list(pool.map(lambda i: life(i, together.wait), range(8)))
print(at_once == [life(i) for i in range(8)])
"""


def test_eight_threads_give_what_one_gives() -> None:
    """Everything is imported, built and changed by all of them at once, for the first time."""
    assert said(LIVES) == "True"


SHELF = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
import poolviz as pv

sys.setswitchinterval(1e-6)
together = Barrier(8, timeout=120)  # when one of them has failed, the others do not wait for ever

def take(name):
    together.wait()
    return getattr(pv, name)

names = sorted(pv.__all__)
names = [name for name in names for _ in range(2)]
names += names[: -len(names) % 8]
with ThreadPoolExecutor(8) as pool:
    taken = list(pool.map(take, names))
print(all(one is getattr(pv, name) for name, one in zip(names, taken)))
"""


def test_the_shelf_is_filled_from_threads() -> None:
    """Two threads load each public name at once; both get the same object."""
    assert said(SHELF) == "True"
