"""Execute the notebooks and store their outputs; no output is stored by hand.

    python -m tools.write_notebooks [--check] [PATH ...]

PATH is a notebook or a folder of notebooks; without one it is the folder `notebooks`. A file is
written only when something changed; `--check` writes nothing and exits with 1 instead. Outputs of
cells in PyTorch or Keras are kept: `tools/framework_cells.py` writes them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import sysconfig
import uuid
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tools.framework_cells import framework_of

ROOT = Path(__file__).resolve().parent.parent
CELL_TIMEOUT = 60  # seconds, as in nbval's --nbval-cell-timeout
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {  # metadata of the kernel, without its version, which changes with each release
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, or with --check only compare; return the exit code."""
    parser = argparse.ArgumentParser(description="Execute notebooks and store their outputs.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on a change")
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / "notebooks"], metavar="PATH")
    options = parser.parse_args(arguments)
    changed = [path for path in notebooks(options.paths) if rewrite(path, dry=options.check)]
    return 1 if changed and options.check else 0


def notebooks(paths: Sequence[Path]) -> list[Path]:
    """Return the notebooks named, or in the folders named; finding none is an error."""
    found = [
        notebook
        for path in paths
        for notebook in (sorted(path.glob("*.ipynb")) if path.is_dir() else [path])
    ]
    if missing := [path for path in found if not path.is_file()] or (paths if not found else []):
        raise SystemExit(f"no notebook there: {', '.join(map(str, missing))}")
    return found


def rewrite(path: Path, *, dry: bool = False) -> bool:
    """Execute one notebook; return whether its text changed, and store it unless `dry`."""
    before = path.read_text(encoding="utf-8")
    notebook = read(path, before)
    execute(notebook, path)
    tidy(notebook, path.resolve().parent)
    nbformat.validate(notebook)
    after = nbformat.writes(notebook).rstrip("\n") + "\n"
    changed: bool = after != before
    if changed and not dry:
        path.write_text(after, encoding="utf-8", newline="\n")
    print(f"{path}: {('would change' if dry else 'written') if changed else 'unchanged'}")
    return changed


def read(path: Path, text: str) -> NotebookNode:
    """Return the notebook, with an id in every cell; nbformat alone would generate random ids."""
    try:
        stored = json.loads(text)
    except ValueError as error:
        raise SystemExit(f"{path}: not a notebook: {error}") from None
    if stored.get("nbformat") != 4:
        raise SystemExit(f"{path}: not a notebook of format 4")
    stored["nbformat_minor"] = max(5, stored.get("nbformat_minor", 0))  # 4.5 brought cell ids
    name_cells(stored["cells"], re.sub(r"[^\w-]", "_", path.stem, flags=re.ASCII)[:48])
    notebook: NotebookNode = nbformat.reads(json.dumps(stored), as_version=4)
    return notebook


def name_cells(cells: list[dict[str, Any]], stem: str) -> None:
    """Keep every id; a missing or repeated one becomes the first free of stem-00, stem-01, …

    The name of the notebook is in it, because a book of several notebooks requires unique ids.
    """
    taken = {cell.get("id") for cell in cells}
    free = (name for number in count() if (name := f"{stem}-{number:02d}") not in taken)
    seen: set[str] = set()
    for cell in cells:
        if cell.get("id") in {None, *seen}:
            cell["id"] = next(free)
        seen.add(cell["id"])


def code_cells(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Return the code cells in order; nbval counts them from 0, and so do the messages."""
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def execute(notebook: NotebookNode, path: Path) -> None:
    """Run all cells in the notebook's folder; stop at the first unexpected exception."""
    client = NotebookClient(
        notebook,
        km=kernel_manager(),
        resources={"metadata": {"path": str(path.resolve().parent)}},
        timeout=CELL_TIMEOUT,
        coalesce_streams=True,
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],  # recent kernels warn about local sockets
        skip_cells_with_tag="",  # a cell that is skipped would keep stale outputs
    )
    recorded = {cell.id: cell.outputs for cell in code_cells(notebook) if framework_of(cell)}
    for cell in code_cells(notebook):
        cell.execution_count, cell.outputs = None, []
    with client.setup_kernel(cleanup_kc=True):
        for number, cell in enumerate(code_cells(notebook)):
            try:
                client.execute_cell(
                    cell, notebook.cells.index(cell), client.code_cells_executed + 1
                )
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                raise SystemExit(f"{path}, Cell {number}: {what_happened(error)}") from None
            cell.outputs = recorded.get(cell.id, cell.outputs)


def kernel_manager() -> AsyncKernelManager:
    """Return a manager for python3 without installed kernels: this interpreter is the kernel."""
    return AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
    )


def what_happened(error: Exception) -> str:
    """Return the exception of the cell in one line, then the cell and its traceback."""
    if isinstance(error, CellExecutionError):
        return f"{error.ename}: {error.evalue}\n{error}"
    return f"{type(error).__name__}: {error}"


def tidy(notebook: NotebookNode, folder: Path) -> None:
    """Remove whatever differs from run to run or from machine to machine."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.kernelspec = NotebookNode(KERNELSPEC)
    notebook.metadata.language_info = nbformat.from_dict(LANGUAGE)
    notebook.metadata.setdefault("poolviz", NotebookNode()).matplotlib = matplotlib_minor()
    for cell in code_cells(notebook):
        cell.metadata.pop("execution", None)
        for number, output in enumerate(cell.outputs):
            if view := output.get("data", {}).get(WIDGET_VIEW):
                view["model_id"] = uuid.uuid5(uuid.NAMESPACE_OID, f"{cell.id}/{number}").hex
            if output.output_type == "error":
                output.traceback = [without_folders(line, folder) for line in output.traceback]


def matplotlib_minor() -> str:
    """Return matplotlib's minor version, such as "3.11": its pictures have the same pixels."""
    return ".".join(version("matplotlib").split(".")[:2])


def without_folders(text: str, folder: Path) -> str:
    """Return the text with paths relative to the project, the notebook or site-packages."""
    installed = sysconfig.get_paths()
    tops = {str(ROOT), str(folder), *(installed[key] for key in ("purelib", "platlib", "stdlib"))}
    for top in sorted(tops, key=len, reverse=True):
        home = os.path.expanduser("~") + os.sep  # IPython writes it as ~
        short = top.replace(home, f"~{os.sep}", 1) if top.startswith(home) else top
        text = text.replace(top + os.sep, "").replace(short + os.sep, "")
    return text


if __name__ == "__main__":
    sys.exit(main())
