"""`save`: pictures, animations and pages in files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import poolviz as pv
from poolviz.drawing.output import atomic_write as files
from tests.support.hostile import FILE_NAMES
from tests.support.sampling import sampled
from tests.support.stored_pages import stored_in

pytestmark = pytest.mark.long

MESSAGE = "Negative dimension size caused by subtracting 2 from 1 for 'pool1/MaxPool'"
SVG = "{http://www.w3.org/2000/svg}"


def network() -> pv.Stack:
    return pv.Stack([pv.Pool(2)] * 3, input_shape=(5, 12, 1), framework="keras")


MAKERS: dict[str, Callable[[], Any]] = {
    "explorer": lambda: pv.PoolExplorer(5, 3, stride=2),
    "map": lambda: pv.SizeMap(4, 2),
    "comparison": lambda: pv.FrameworkComparison(5, 3),
    "stack": lambda: pv.StackExplorer(network()),
    "decoder": lambda: pv.ErrorDecoder(MESSAGE),
    "card": lambda: pv.ExerciseCard("max-of-a-window"),
    "figure": lambda: pv.draw(pv.Pool(3, stride=2), 5),
    "network figure": lambda: pv.draw(network(), theme="dark"),
}
each_maker = pytest.mark.parametrize("name", MAKERS)


# --- pictures ------------------------------------------------------------------------------------


@each_maker
def test_a_png_is_a_sharp_picture_with_its_words(tmp_path: Path, name: str) -> None:
    path = MAKERS[name]().save(tmp_path / "picture.png")
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width >= 500
        assert len(picture.convert("RGB").getcolors(1 << 24) or ()) > 10
        assert len(picture.info["Description"]) > 40


@each_maker
def test_an_svg_can_be_read_by_any_program(tmp_path: Path, name: str) -> None:
    made = MAKERS[name]()
    first, second = (made.save(tmp_path / f"{i}.svg").read_bytes() for i in (1, 2))
    root = ElementTree.fromstring(first)

    assert first == second
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert len(root[1].text or "") > 40
    assert not list(root.iter(f"{SVG}script"))


def test_a_hostile_name_is_text_in_an_svg(tmp_path: Path) -> None:
    name = "]]><script>alert(1)</script>\x00\x08\ud800"
    stack = pv.Stack([pv.Named(name, pv.Pool(9))], input_shape=(5, 5, 1), framework="keras")
    path = pv.draw(stack).save(tmp_path / "stack.svg")
    root = ElementTree.fromstring(path.read_bytes())

    assert "<script>alert(1)</script>" in "".join(root.itertext())
    assert not list(root.iter(f"{SVG}script"))


@pytest.mark.parametrize("suffix", [".gif", ".apng"])
def test_a_film_walks_through_every_window(tmp_path: Path, suffix: str) -> None:
    explorer = pv.PoolExplorer((5, 7), 3, stride=2)
    path = explorer.save(tmp_path / f"walk{suffix}")
    frames = frames_of(path)

    assert len(frames) == 2 * 3
    for i, position in enumerate((row, column) for row in range(2) for column in range(3)):
        figure = pv.draw(explorer.layer, (5, 7), position=position)
        still = figure.pixels().astype(float)
        height = min(len(still), len(frames[i]))
        difference = [np.abs(still[:height] - frame[:height]).mean() for frame in frames]
        assert int(np.argmin(difference)) == i


def frames_of(path: Path) -> list[Any]:
    frames = []
    with Image.open(path) as encode_animation:
        for i in range(getattr(encode_animation, "n_frames", 1)):
            encode_animation.seek(i)
            frames.append(np.asarray(encode_animation.convert("RGB"), dtype=float))
    return frames


def test_a_film_of_what_has_no_window_stands_still(tmp_path: Path) -> None:
    assert len(frames_of(pv.PoolExplorer(10, 15).save(tmp_path / "walk.gif"))) == 1


def test_a_film_that_nobody_would_watch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="an animation of 111 × 111 windows takes too long"):
        pv.PoolExplorer(224, 3, stride=2).save(tmp_path / "walk.gif")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["map", "comparison", "stack", "network figure"])
def test_what_has_no_windows_has_no_film(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="only the picture of a single layer can be animated"):
        MAKERS[name]().save(tmp_path / "walk.gif")


def test_without_a_picture_there_is_still_a_page(tmp_path: Path) -> None:
    decoder = pv.ErrorDecoder("no message")
    with pytest.raises(ValueError, match=r"there is no picture to save as \.png"):
        decoder.save(tmp_path / "nothing.png")
    assert "no message" in decoder.save(tmp_path / "page.html", script=False).read_text("utf-8")


@each_maker
def test_a_page_without_script_has_the_words(tmp_path: Path, name: str) -> None:
    made = MAKERS[name]()
    is_figure = "figure" in name
    path = made.save(tmp_path / "page.html", **({} if is_figure else {"script": False}))
    page = path.read_text(encoding="utf-8")

    assert "<script" not in page
    assert 'src="data:image/png;base64,' in page
    assert " alt=" in page
    if name not in ("card", "figure"):
        assert "<table>" in page or "<li>" in page


# --- names of files ------------------------------------------------------------------------------


@each_maker
@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("picture.pdf", ValueError, "ends with '.pdf'"),
        ("picture", ValueError, "'picture' has no suffix"),
        (".html", ValueError, "'.html' has no suffix"),
        ("missing/picture.png", FileNotFoundError, "there is no folder"),
        (".", IsADirectoryError, "is a folder: give the name of a file in it"),
        ("a\0b.html", ValueError, "no name of a file"),
        (3, TypeError, "path must be a str or a Path, got int"),
        (None, TypeError, "path must be a str or a Path, got NoneType"),
    ],
    ids=str,
)
def test_a_bad_path_is_said_to_be_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    path: Any,
    error: type[Exception],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        MAKERS[name]().save(path)
    assert list(tmp_path.iterdir()) == []


def test_a_suffix_may_be_large_and_the_path_a_text(tmp_path: Path) -> None:
    figure = pv.draw(pv.Pool(2), 4)

    assert figure.save(str(tmp_path / "A.PNG")) == (tmp_path / "A.PNG").resolve()
    assert (tmp_path / "A.PNG").read_bytes()[1:4] == b"PNG"


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes]:
    """Return what is saved of a small picture, by suffix."""
    figure = pv.draw(pv.Pool(2), 4)
    return {suffix: figure.content(suffix) for suffix in (".html", ".png", ".svg", ".gif")}


@pytest.mark.parametrize("name", sampled(FILE_NAMES, 12), ids=ascii)
def test_a_name_is_only_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, contents: dict[str, bytes]
) -> None:
    """The file has it, as it was written; what is in the file has not."""
    monkeypatch.chdir(tmp_path)
    figure = pv.draw(pv.Pool(2), 4)

    for suffix, content in contents.items():
        path = figure.save(f"{name}{suffix}")
        assert path == tmp_path / f"{name}{suffix}"
        assert path.read_bytes() == content
    assert len(list(tmp_path.iterdir())) == 4


def test_a_name_may_be_as_long_as_there_is_room(tmp_path: Path) -> None:
    name = "🙈" * 62 + ".png"  # 252 bytes of 255

    assert pv.draw(pv.Pool(2), 4).save(tmp_path / name).name == name


def test_home_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    assert pv.draw(pv.Pool(2), 4).save("~/picture.png") == (tmp_path / "picture.png").resolve()


def test_a_read_only_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"mine")
    path.chmod(0o444)
    with pytest.raises(PermissionError, match=r"picture\.png is read-only"):
        pv.draw(pv.Pool(2), 4).save(path)
    assert path.read_bytes() == b"mine"


def test_a_file_is_replaced_and_keeps_its_rights(tmp_path: Path) -> None:
    path, link = tmp_path / "picture.png", tmp_path / "link.png"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    pv.draw(pv.Pool(2), 4).save(link)

    assert link.is_symlink()
    assert path.read_bytes()[1:4] == b"PNG"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.png", "picture.png"]


def test_what_is_no_ordinary_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(OSError, match="no ordinary file"):
        pv.draw(pv.Pool(2), 4).save(tmp_path / "pipe.png")


@pytest.mark.parametrize("step", ["write", "replace"])
def test_a_failure_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")

    def fail(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    if step == "write":
        monkeypatch.setattr(files.os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(
        OSError, match=r"picture\.png could not be written: No space left"
    ) as caught:
        pv.draw(pv.Pool(2), 4).save(path)
    assert caught.value.errno == 28
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["picture.png"]


def test_where_there_is_no_room_nothing_is_left(tmp_path: Path) -> None:
    """A process that may write files of 4,096 bytes and no more."""
    code = (
        "import resource, poolviz as pv\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: pv.draw(pv.Pool(3), 10).save('picture.png')\n"
        "except OSError as error: print(error)\n"
    )
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )

    assert "picture.png could not be written: File too large. Nothing was changed" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_saving_changes_nothing_on_the_screen(tmp_path: Path) -> None:
    """The saved widget does not change, and sends nothing to its browser."""
    explorer = pv.PoolExplorer(5, 3)
    before, picture = dict(explorer.state), explorer.picture
    explorer.save(tmp_path / "page.html", stride=[1], padding=[0], dilation=[1])
    explorer.save(tmp_path / "picture.png")

    assert explorer.state == before
    assert explorer.picture == picture


def test_a_card_is_saved_without_what_was_answered(tmp_path: Path) -> None:
    card = pv.ExerciseCard("size-plain", seed=11)
    card.check(card.exercise.answer)
    stored = stored_in(card.save(tmp_path / "card.html"))

    assert "solved" not in stored["table"]["state"]
    assert len(stored["exercises"]) == 1
    assert len(stored["exercises"][0]) == 4
