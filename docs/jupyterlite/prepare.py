"""Puts the notebooks of poolviz into the folder `files`, each with a cell that installs poolviz.

    python prepare.py [FOLDER]

JupyterLite has no environment to install into beforehand: every notebook installs for itself, from
the site that it comes from.
"""

import json
import sys
from pathlib import Path

from poolviz.cli.notebooks import copy_notebooks, notebooks_folder

INSTALL = {
    "cell_type": "code",
    "execution_count": None,
    "id": "install",
    "metadata": {},
    "outputs": [],
    "source": ["%pip install -q poolviz"],
}


def main(folder: Path) -> None:
    """Copies the notebooks, and puts the cell below the title of each."""
    copy_notebooks(notebooks_folder(), folder, force=True)
    for path in sorted(folder.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"].insert(1, INSTALL)
        notebook["metadata"]["kernelspec"] = {"name": "python", "display_name": "Python (Pyodide)"}
        path.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "files"))
