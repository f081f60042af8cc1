"""Notebooks as LaTeX, where pandoc and XeLaTeX are installed: no sign is lost on the way."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

pytestmark = [
    pytest.mark.release,
    pytest.mark.skipif(
        not (shutil.which("pandoc") and shutil.which("xelatex")),
        reason="needs Debian's pandoc, texlive-xetex and texlive-latex-recommended",
    ),
]


def printed(notebook: Path, folder: Path, template: str) -> str:
    """XeLaTeX's log; notebook.tex and notebook.pdf are in the folder."""
    command = [sys.executable, "-m", "nbconvert", "--to", "latex", "--template", template]
    known = {**os.environ, "JUPYTER_PATH": str(ROOT / "share" / "jupyter")}
    subprocess.run(
        [*command, "--output-dir", str(folder), "--output", "notebook", str(notebook)],
        check=True,
        env=known,
        capture_output=True,
    )
    said = subprocess.run(
        ["xelatex", "-interaction=nonstopmode", "notebook.tex"],
        cwd=folder,
        env={**os.environ, "max_print_line": "1000"},
        capture_output=True,
    )
    return said.stdout.decode(errors="replace")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_every_sign_is_printed(notebook: Path, tmp_path: Path) -> None:
    log = printed(notebook, tmp_path, "poolviz_latex")

    assert re.findall(r"^! .*|Missing character.*", log, re.MULTILINE) == []
    assert (tmp_path / "notebook.pdf").read_bytes().startswith(b"%PDF-")
    source = (tmp_path / "notebook.tex").read_text(encoding="utf-8")
    assert ".ipynb}{" not in re.sub(r"https://[^}]*", "", source)


def test_nbconverts_own_template_loses_some(tmp_path: Path) -> None:
    """Otherwise our template would not be needed."""
    assert "There is no ⌊ (U+230A)" in printed(NOTEBOOKS[1], tmp_path, "latex")
