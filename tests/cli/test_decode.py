"""`python -m poolviz decode`: a text explained in the terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from poolviz.__main__ import main

MESSAGE = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1792x28 and 784x128)"


def test_a_file_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "error.txt"
    file.write_text(MESSAGE, encoding="utf-8")

    assert main(["decode", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("PyTorch, linear layer: the layer was built for 784 features")
    assert lines[-1].strip() == "x = torch.flatten(x, 1)"


def test_standard_input_is_explained_in_german(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(MESSAGE))

    assert main(["decode", "--language", "de"]) == 0
    assert "Die Schicht ist für 784 Merkmale gebaut" in capsys.readouterr().out


def test_an_unknown_text_says_what_to_paste(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("CUDA out of memory \x1b[31m"))

    assert main(["decode"]) == 1
    said = capsys.readouterr().out
    assert "poolviz does not recognise this text." in said
    assert "Paste the whole error" in said
    assert "\x1b" not in said


def test_a_missing_file_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", "no-such-file.txt"]) == 1
    assert "no-such-file.txt" in capsys.readouterr().err
