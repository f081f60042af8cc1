"""`python -m poolviz check`: what is found in a file, without running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from poolviz.__main__ import main

SOURCE = """from torch import nn
model = nn.Sequential(
    nn.Conv2d(3, 8, 3),
    nn.MaxPool2d(2),
    nn.MaxPool2d(20),
)
"""
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
