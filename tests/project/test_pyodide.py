"""Arithmetic, diagnosis and exercises give the same results in Pyodide, the Python of JupyterLite.

npm brings Pyodide (14 MB) without numpy and matplotlib:
`pytest -m slow tests/project/test_pyodide.py`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.test_architecture import WITH_VALUES
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

CODE = f"""
import json, sys
import poolviz as pv

def answers():
    for framework in pv.FRAMEWORKS:
        for layer in (pv.Pool(15, framework=framework), pv.Pool(3, 2, framework=framework)):
            yield str(pv.diagnose(layer, 10))
            yield [str(verdict) for verdict in pv.compare(pv.trace(layer, 10))]
            yield str(pv.convert(pv.trace(layer, 10), "keras"))
    yield str(pv.decode(
        "Given input size: (64x1x1). Calculated output size: (64x0x0). Output size is too small"))
    yield str(pv.Stack([pv.Conv(8, 3), pv.Pool(2)] * 4, (1, 28, 28)).diagnosis)
    yield pv.read_code("nn.Sequential(nn.Conv2d(1, 8, 3), nn.MaxPool2d(2))", (1, 28, 28)).table()
    for name in pv.exercises():
        if name not in {WITH_VALUES}:
            exercise = pv.exercise(name, seed=3)
            yield [exercise.question, exercise.solution, str(exercise.check("3"))]

found = []
for language in ("en", "de"):
    pv.set_language(language)
    found += answers()
json.dumps([found, "numpy" in sys.modules, sys.platform])
"""


@pytest.fixture(scope="module")
def pyodide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm, which run and bring Pyodide, are not installed")
    folder = tmp_path_factory.mktemp("npm")
    (folder / "package.json").write_text("{}")
    command = ["npm", "install", "--no-audit", "--no-fund", "pyodide"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    return folder / "node_modules" / "pyodide"


def test_the_same_words_and_numbers_as_here(pyodide: Path) -> None:
    script = ROOT / "tests" / "project" / "run_in_pyodide.mjs"
    node = ["node", str(script), str(pyodide), str(ROOT), CODE]
    there = subprocess.run(node, capture_output=True, text=True, timeout=300)
    printed = CODE.replace("json.dumps(", "print(json.dumps(").rstrip() + ")"
    here = subprocess.run(
        [sys.executable, "-c", printed], capture_output=True, text=True, cwd=ROOT, check=True
    )

    assert there.returncode == 0, there.stderr[-2000:]
    answers, has_numpy, platform = json.loads(there.stdout)
    expected, _, _ = json.loads(here.stdout)
    assert (has_numpy, platform) == (False, "emscripten")
    assert len(answers) > 150
    assert answers == expected
