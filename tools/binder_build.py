"""What repo2docker makes of this repository, rendered and not built: its Dockerfile, its pins."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

from tests.project.test_project import project_files
from tests.support.paths import ROOT

# What the base image brings of Jupyter, by the names on PyPI; the versions are in its lock file.
_BASE = {
    "jupyterlab": "jupyterlab",
    "notebook": "notebook",
    "jupyter_server": "jupyter_server",
    "jupyterhub": "jupyterhub-base",
    "ipykernel": "ipykernel",
    "ipywidgets": "ipywidgets",
    "jupyterlab_widgets": "jupyterlab_widgets",
    "nbclient": "nbclient",
    "traitlets": "traitlets",
}


def clone(folder: Path) -> Path:
    """Return the files that git tracks, in another folder."""
    for path in project_files():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return folder


def dockerfile(repository: Path) -> str:
    """Return the Dockerfile; no Docker is needed to render it."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(repository)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    printed = done.stdout + done.stderr
    return printed[printed.index("FROM ") :]


def python_version(text: str) -> str:
    """Return the Python of the image, as in the name of its lock file."""
    found = re.search(r"environment-2epy-2d3-2e(\d+)-2d", text)
    assert found, "no lock file in the Dockerfile"
    return f"3.{found[1]}"


def pins(python: str) -> list[str]:
    """Return the base image's own packages for pip."""
    folder = files("repo2docker.buildpacks.conda")
    lock = (folder / f"environment.py-{python}-linux-64.lock").read_text(encoding="utf-8")
    found = []
    for name, conda_name in _BASE.items():
        version = re.search(rf"/{re.escape(conda_name)}-(\d[\w.]*)-", lock)
        assert version, f"{conda_name} is not in the lock file"
        found.append(f"{name}=={version[1]}")
    return found


def steps(text: str) -> list[str]:
    """Return the commands that run once the repository is there."""
    after = text[text.index("# Copy stuff.") :]
    return re.findall(r"^RUN (.+)$", after, re.MULTILINE)


def start_command(text: str) -> list[str]:
    """Return the command that the image runs at the end."""
    found = re.findall(r"^CMD \[(.+)\]$", text, re.MULTILINE)
    return [word.strip().strip('"') for word in found[-1].split(",")]
