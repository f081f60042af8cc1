"""`python -m poolviz lite`: a site of JupyterLite with all notebooks, which needs no server."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from poolviz.cli.course import Cell
from poolviz.cli.notebooks import checkout_notebooks, copy_notebooks, notebooks_folder

# The extra `lite`; hatchling packs a checkout of poolviz for the site.
NEEDED = ("jupyterlite-core", "jupyterlite-pyodide-kernel", "jupyter-server", "hatchling")
_KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"

# JupyterLite has no environment to install into beforehand: every notebook installs for itself. It
# also ends "Run All Cells" at an error, whatever tags the cell has, so that in a cell that is
# expected to raise one the traceback is printed; and it shows log messages as if they were errors.
INSTALL = """\
%pip install -q poolviz
import logging
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
def raises(line, cell):
    shell = get_ipython()
    shell._showtraceback = lambda kind, error, lines: print("\\n".join(lines))
    try:
        shell.run_cell(cell)
    finally:
        del shell._showtraceback
get_ipython().register_magic_function(raises, "cell")"""
RAISES = "%%raises\n"


class LiteError(Exception):
    """Why there is no site."""


def missing() -> list[str]:
    """Return the packages that build a site and are not installed here."""
    return [name for name in NEEDED if find_spec(name.replace("-", "_")) is None]


def build(folder: Path, pyodide: Path | None, wheels: Sequence[Path], *, force: bool) -> Path:
    """Build the site in a folder; return its first page.

    `pyodide` is an unpacked Pyodide that the site takes along, instead of the one of its CDN;
    `wheels` are packages that it takes along, instead of those of PyPI. From a checkout, poolviz
    is always one of them.

    Raises
    ------
    LiteError
        If the folder is in use, if one of the given files is not there, and if JupyterLite fails.
    OSError
        If the site cannot be written.
    """
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise LiteError(f"{folder} is not empty; --force writes into it")
    if pyodide is not None and not (pyodide / "pyodide.js").is_file():
        raise LiteError(f"{pyodide} holds no pyodide.js: give the folder of an unpacked Pyodide")
    if lost := [wheel for wheel in wheels if wheel.suffix != ".whl" or not wheel.is_file()]:
        raise LiteError(f"{lost[0]} is no wheel")
    with TemporaryDirectory() as scratch:
        source = Path(scratch)
        prepare(source / "files")
        _configure(source, has_pyodide=pyodide is not None, has_wheels=bool(wheels))
        if pyodide is not None:
            shutil.copytree(pyodide, source / "static" / "pyodide")
        carried = source / "pypi"
        carried.mkdir()
        if notebooks := checkout_notebooks():
            _run(notebooks.parent, "hatchling", "build", "-t", "wheel", "-d", str(carried))
        for wheel in wheels:
            shutil.copy(wheel, carried)
        target = f"--output-dir={folder.resolve()}"
        _run(source, "jupyterlite_core", "build", f"--lite-dir={source}", target)
    return folder / "lab" / "index.html"


def _run(folder: Path, module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if done.returncode:
        told = (done.stderr or done.stdout).strip()[-2000:]
        raise LiteError(f"{module} stopped with exit code {done.returncode}:\n{told}")


def prepare(folder: Path) -> None:
    """Copy the notebooks for JupyterLite, without the labs: these train PyTorch or Keras."""
    copy_notebooks(notebooks_folder(), folder, force=True)
    shutil.rmtree(folder / "labs")
    for path in sorted(folder.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"] = list(map(_for_lite, notebook["cells"]))
        notebook["cells"].insert(1, _code("install", INSTALL))  # below the title
        notebook["metadata"]["kernelspec"] = {"name": "python", "display_name": "Python (Pyodide)"}
        path.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")


def _for_lite(cell: Cell) -> Cell:
    if "raises-exception" not in cell["metadata"].get("tags", ()):
        return cell
    return {**cell, "source": RAISES + "".join(cell["source"])}


def _code(name: str, source: str) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {},
        "outputs": [],
        "source": source,
    }


def _configure(source: Path, *, has_pyodide: bool, has_wheels: bool) -> None:
    settings: dict[str, object] = {"jupyter-lite-schema-version": 0}
    if has_pyodide:
        kernel = {
            "pyodideUrl": "./static/pyodide/pyodide.js",
            "disablePyPIFallback": has_wheels,  # a site that has all asks nobody
        }
        settings["jupyter-config-data"] = {"litePluginSettings": {_KERNEL: kernel}}
    for name, told in (
        ("jupyter_lite_config.json", {"LiteBuildConfig": {"contents": ["files"]}}),
        ("jupyter-lite.json", settings),
    ):
        (source / name).write_text(json.dumps(told), encoding="utf-8")
