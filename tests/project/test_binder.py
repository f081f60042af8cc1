"""Binder: what repo2docker renders, and on demand the same steps in a fresh environment.

No image is built. The replay takes minutes: `pytest -m slow tests/project/test_binder.py -s`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.project.test_project import text_of
from tests.support.paths import ROOT
from tools import binder_build as binder

if importlib.util.find_spec("repo2docker") is None:
    pytest.skip("jupyter-repo2docker is not installed: extra `binder`", allow_module_level=True)

RUN_ALL = """
import sys, nbformat
from pathlib import Path
from nbclient import NotebookClient
for path in sorted(Path("notebooks").glob("*.ipynb")):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": "notebooks"}}, timeout=120).execute()
    print(path.name)
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return binder.clone(tmp_path_factory.mktemp("binder") / "repository")


@pytest.fixture(scope="module")
def rendered(repository: Path) -> str:
    return binder.dockerfile(repository)


class TestRendered:
    def test_python_is_that_of_runtime_txt(self, rendered: str) -> None:
        assert f"python-{binder.python_version(rendered)}\n" == text_of("binder/runtime.txt")

    def test_base_image_is_the_one_that_was_replayed(self, rendered: str) -> None:
        assert rendered.startswith("FROM docker.io/library/buildpack-deps:24.04\n")

    def test_the_repository_is_there_before_it_is_installed(self, rendered: str) -> None:
        copy = rendered.index("COPY --chown=0:0 src/ ${REPO_DIR}/")
        places = [rendered.index(f"RUN {step}\n") for step in binder.steps(rendered)]

        assert binder.steps(rendered) == [
            '${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r "binder/requirements.txt"',
            "chmod +x binder/postBuild",
            "./binder/postBuild",
        ]
        assert copy < places[0] < places[1] < places[2]

    def test_nothing_else_is_installed(self, rendered: str) -> None:
        """With binder/ there, neither pyproject.toml nor an apt.txt of the root is asked."""
        assert rendered.count("pip install") == 1

    def test_a_file_of_just_a_dot_would_be_installed_too_early(
        self, repository: Path, tmp_path: Path
    ) -> None:
        """Why binder/requirements.txt has a comment: or the checks above would show nothing."""
        shutil.copytree(repository, tmp_path / "other")
        (tmp_path / "other" / "binder" / "requirements.txt").write_text(".\n")
        text = binder.dockerfile(tmp_path / "other")

        assert text.index("RUN ${KERNEL_PYTHON_PREFIX}/bin/pip") < text.index(
            "COPY --chown=0:0 src/ $"
        )

    def test_base_packages_are_new_enough(self, rendered: str) -> None:
        """So pip replaces none of them."""
        base = dict(pin.split("==") for pin in binder.pins(binder.python_version(rendered)))

        assert tuple(map(int, base["jupyterlab"].split(".")[:2])) >= (4, 4)
        assert tuple(map(int, base["ipywidgets"].split(".")[:2])) >= (8, 1)


# --- the replay ----------------------------------------------------------------------------------


def interpreter(version: str) -> str:
    """A Python of this version, on the path or among those of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = [f"python{version}", *map(str, sorted(pyenv.glob(f"{version}.*/bin/python")))]
    for name in named:
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    pytest.skip(f"there is no Python {version} here")


def run(*command: str | Path, cwd: Path, prefix: Path | None = None, **more: str) -> str:
    """Runs a command with the environment's programs first; what it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if prefix is not None:
        environment["PATH"] = f"{prefix / 'bin'}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment | more,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout + done.stderr


def installed(prefix: Path) -> dict[str, str]:
    listed = json.loads(
        run(
            prefix / "bin" / "python",
            "-m",
            "pip",
            "list",
            "--format=json",
            cwd=prefix,
            PIP_QUIET="0",
        ).partition("\n")[0]
    )
    return {entry["name"].lower(): entry["version"] for entry in listed}


def megabytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*")) // 1_000_000


@pytest.fixture(scope="module")
def facts() -> Iterator[dict[str, Any]]:
    found: dict[str, Any] = {}
    yield found
    print(json.dumps(found, indent=2))


@pytest.fixture(scope="module")
def prefix(
    rendered: str, repository: Path, facts: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A fresh environment in the state in which the image would be."""
    version = binder.python_version(rendered)
    prefix = tmp_path_factory.mktemp("image") / "env"
    run(interpreter(version), "-m", "venv", prefix, cwd=repository)
    quiet = ("-m", "pip", "install", "-q", "--disable-pip-version-check")
    run(prefix / "bin" / "python", *quiet, *binder.pins(version), cwd=repository)
    before, size = installed(prefix), megabytes(prefix)
    start = time.monotonic()
    said = [
        run(
            *("bash", "-euo", "pipefail", "-c", step),
            cwd=repository,
            prefix=prefix,
            KERNEL_PYTHON_PREFIX=str(prefix),
            PIP_QUIET="0",
            PIP_DISABLE_PIP_VERSION_CHECK="1",
        )
        for step in binder.steps(rendered)
    ]
    after = installed(prefix)
    facts.update(
        python=run(prefix / "bin" / "python", "--version", cwd=prefix).strip(),
        base=binder.pins(version),
        seconds_of_the_steps=round(time.monotonic() - start),
        megabytes_before=size,
        megabytes_added=megabytes(prefix) - size,
        added={name: after[name] for name in sorted(after.keys() - before.keys())},
        replaced=sorted(name for name in before if after.get(name) != before[name]),
        built=sorted(set(re.findall(r"Building (?:wheel|editable) for (\S+)", said[0]))),
    )
    return prefix


@pytest.mark.slow
class TestReplay:
    def test_pip_adds_and_replaces_nothing(self, prefix: Path, facts: dict[str, Any]) -> None:
        run(prefix / "bin" / "python", "-m", "pip", "check", cwd=prefix)

        assert facts["replaced"] == []
        assert {"poolviz", "numpy", "matplotlib", "anywidget"} <= facts["added"].keys()

    def test_only_poolviz_is_built(self, prefix: Path, facts: dict[str, Any]) -> None:
        """All else comes as a wheel: a compiler is never requested."""
        assert facts["built"] == ["poolviz"]

    def test_every_notebook_runs(self, prefix: Path, repository: Path) -> None:
        said = run(prefix / "bin" / "python", "-c", RUN_ALL, cwd=repository, prefix=prefix)
        names = [path.name for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]

        assert [line for line in said.splitlines() if line.endswith(".ipynb")] == names

    def test_the_badge_opens_the_first_notebook(
        self, prefix: Path, repository: Path, rendered: str, tmp_path: Path
    ) -> None:
        """The server as rendered, but on loopback; the page as the badge in README.md names it."""
        from tests.browser.support.lab import _once_it_answers, _running, browser_page

        link = re.search(r"\?urlpath=(lab/tree/[^)\s]+)", text_of("README.md"))
        command = binder.start_command(rendered)
        assert command == ["jupyter", "notebook", "--ip", "0.0.0.0"]
        assert link is not None
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]  # this server does not report which port replaces 0
        command = [
            *("env", "-C", str(repository), str(prefix / "bin" / command[0]), command[1]),
            *("--ip", "127.0.0.1", f"--port={port}", "--allow-root", "--no-browser"),
            "--IdentityProvider.token=binder",
        ]
        with _running(command, tmp_path) as server, browser_page(1280, 1500) as page:
            address = f"http://127.0.0.1:{port}"
            _once_it_answers(server, lambda: [address], "/api?token=binder")
            page.goto(f"{address}/{link[1]}?token=binder")
            page.get_by_role("heading", name="what pooling does").first.wait_for()
            page.locator(".jp-OutputArea img[alt]").first.wait_for()
            page.screenshot(path=str(tmp_path / "binder.png"))

            assert page.get_by_text("Jupyter news").count() == 0
