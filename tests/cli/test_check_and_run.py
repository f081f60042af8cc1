"""`poolviz check` and `poolviz run`: what is printed, and with which code they end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from poolviz.__main__ import main
from poolviz.hooks import watch as watching
from tests.support.paths import ROOT

pytestmark = pytest.mark.usefixtures("torch_is_loaded")


SOURCE = """from torch import nn
model = nn.Sequential(
    nn.Conv2d(3, 8, 3),
    nn.MaxPool2d(2),
    nn.MaxPool2d(20),
)
"""


@pytest.mark.long
@pytest.mark.parametrize(
    "source",
    ["raise ValueError('3') from KeyError(4)", "x = = 3", "import sys; sys.exit('bye')"],
)
def test_exit_code_and_traceback_are_those_of_the_program(tmp_path: Path, source: str) -> None:
    (tmp_path / "train.py").write_text(f"import sys\nprint(sys.argv, __file__)\n{source}\n")

    def ran(*command: str) -> tuple[int, bytes, bytes]:
        line = [sys.executable, *command, "train.py", "--html", "x"]
        done = subprocess.run(
            line, cwd=tmp_path, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        return done.returncode, done.stdout, done.stderr

    assert ran("-m", "poolviz", "run") == ran()


def test_a_file_is_checked_without_running_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "net.py"
    file.write_text(SOURCE, encoding="utf-8")

    assert main(["check", str(file), "--input", "3,30,30"]) == 1
    assert capsys.readouterr().out.startswith(f"{file}:5: Layer 2 (MaxPool 20×20")
    assert main(["check", str(file), "--input", "3,64,64"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["check", str(file), "--input", "3,30,30", "--json"]) == 1
    assert '"line": 5' in capsys.readouterr().out


def test_a_file_that_is_not_python_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "net.py"
    file.write_text("from torch import nn\n\nnet = nn.Sequential(nn.ReLU() nn.ReLU())\n")

    assert main(["check", str(file), "--input", "3,8,8"]) == 2
    assert capsys.readouterr().out.startswith(f"{file}:3: not valid Python")


def test_a_model_and_the_function_that_builds_it_are_one_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import keras\nfrom keras import layers\ndef build():\n    x = keras.Input((8, 8, 1))\n"
        "    return keras.Model(x, layers.Conv2D(2, 9)(x))\nmodel = build()\n"
    )

    assert main(["check", str(file)]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 1


PARTS = """from torch import nn
class Block(nn.Module):
    def __init__(self, channels, out):
        super().__init__()
        self.conv = nn.Conv2d(channels, out, 3)
    def forward(self, x):
        return self.conv(x)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block(3, 8)
    def forward(self, x):
        return self.block(x)
class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.ConvTranspose2d(64, 3, 4)
    def forward(self, x):
        return self.main(x)
net, generator = Net(), Generator()
"""


def test_parts_and_models_for_another_input_are_no_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "net.py"
    file.write_text(PARTS, encoding="utf-8")

    assert main(["check", str(file), "--input", "3,32,32"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["check", str(file), "--input", "3,2,2"]) == 1
    assert capsys.readouterr().out.count(f"{file}:5: ") == 1


def test_what_could_not_be_checked_has_a_code_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "net.py"
    file.write_text(SOURCE, encoding="utf-8")

    assert main(["check", str(file)]) == 2
    assert capsys.readouterr().out.startswith(f"{file}:1: the input size is not stated")
    file.write_text("x = 3", encoding="utf-8")
    assert main(["check", str(file)]) == 2
    assert main(["check", str(tmp_path / "none.py")]) == 2
    file.write_text(SOURCE.replace("MaxPool2d(2)", "MaxPool2d(2), Other(3)"), encoding="utf-8")
    assert main(["check", str(file), "--input", "3,64,64"]) == 2


def test_a_program_runs_as_it_does_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[Path] = []
    widget = SimpleNamespace(save=saved.append, close=lambda: None)  # a real page takes seconds
    monkeypatch.setattr(watching, "widget_of", lambda found: widget)
    file = tmp_path / "train.py"
    file.write_text(
        "import sys\nfrom tests.failures.stand_ins import call, image, network\n"
        "print(sys.argv[1])\n"
        "net = network()\ncall(net, image())\n",
        encoding="utf-8",
    )
    page = tmp_path / "why.html"

    assert main(["run", "--html", str(page), str(file), "--epochs"]) == 1
    said = capsys.readouterr()
    assert said.out == "--epochs\n"
    assert said.err.startswith(f'Traceback (most recent call last):\n  File "{file}", line 5')
    assert "poolviz: 3 layers on 3 × 30 × 30: stops at net[2][0]" in said.err
    assert saved == [page]
    file.write_text("raise SystemExit(7)", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["run", str(file)])
    assert ended.value.code == 7
