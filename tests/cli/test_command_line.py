"""The command line: notebooks that are found and copied, wrong use, and JupyterLab's start."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import poolviz
from poolviz import __main__ as command_line
from poolviz.cli.notebooks import START, checkout_notebooks, copy_notebooks, notebooks_folder
from tests.support.commands import run
from tests.support.hostile import FILE_NAMES, of_terminals
from tests.support.paths import ROOT


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """A package folder with two notebooks in it, as in a wheel."""
    folder = tmp_path / "site" / "poolviz" / "notebooks"
    (folder / "pictures").mkdir(parents=True)
    (folder / START).write_text("first")
    (folder / "pictures" / "a.svg").write_text("a")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / START).write_text("old")
    return folder.parent


class TestNotebooksPath:
    def test_wheel_has_its_own(self, installation: Path) -> None:
        assert checkout_notebooks(installation) is None
        assert notebooks_folder(installation) == installation / "notebooks"

    def test_checkout_comes_first(self, installation: Path) -> None:
        checkout = installation.parent
        (checkout / "pyproject.toml").touch()
        shutil.copytree(installation / "notebooks", checkout / "notebooks")

        assert checkout_notebooks(installation) == checkout / "notebooks"
        assert notebooks_folder(installation) == checkout / "notebooks"

    def test_folder_beside_an_installed_package_is_no_checkout(self, installation: Path) -> None:
        shutil.copytree(installation / "notebooks", installation.parent / "notebooks")

        assert notebooks_folder(installation) == installation / "notebooks"

    def test_none_at_all_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match="no notebooks"):
            notebooks_folder(tmp_path)

    def test_copies_all_but_checkpoints(self, installation: Path, tmp_path: Path) -> None:
        target = tmp_path / "new" / "folder"
        copied = copy_notebooks(installation / "notebooks", target)

        assert [(target / START, "new"), (target / "pictures" / "a.svg", "new")] == copied
        assert (target / START).read_text() == "first"
        assert not (target / ".ipynb_checkpoints").exists()

    def test_a_changed_file_is_overwritten_by_force_only(
        self, installation: Path, tmp_path: Path
    ) -> None:
        source, target = installation / "notebooks", tmp_path / "mine"
        copy_notebooks(source, target)
        (target / START).write_text("mine!")  # as long as the original: contents are compared
        gently = copy_notebooks(source, target)

        assert [what for _, what in gently] == ["kept", "unchanged"]
        assert (target / START).read_text() == "mine!"

        by_force = copy_notebooks(source, target, force=True)

        assert [what for _, what in by_force] == ["overwritten", "unchanged"]
        assert (target / START).read_text() == "first"


def poolviz_command(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "poolviz", *arguments, **options)


class TestCommandLine:
    def test_version(self) -> None:
        done = poolviz_command("--version")

        assert (done.returncode, done.stdout) == (0, f"poolviz {poolviz.__version__}\n")

    def test_start_is_light(self) -> None:
        heavy = ("numpy", "matplotlib", "ipywidgets", "jupyterlab")
        code = f"import sys, poolviz.__main__; print([m for m in {heavy} if m in sys.modules])"

        assert run(sys.executable, "-c", code).stdout == "[]\n"

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            ((), "required"),
            (("open",), "invalid choice"),
            (("copy",), "DIR"),
            (("copy", "x", "--quick"), "--quick"),
            (("copy", "x", "y"), "y"),
            (("lab", "--port", "http"), "a port is a number"),
            (("lab", "--port=65536"), "a port is a number"),
        ],
    )
    def test_wrong_use_is_explained(
        self, arguments: tuple[str, ...], complaint: str, tmp_path: Path
    ) -> None:
        done = poolviz_command(*arguments, cwd=tmp_path)

        assert done.returncode == 2
        assert complaint in done.stderr
        assert done.stdout == ""
        assert list(tmp_path.iterdir()) == []

    def test_copy_overwrites_by_force_only(self, tmp_path: Path) -> None:
        target = tmp_path / "course"
        first = poolviz_command("copy", target)

        assert first.returncode == 0, first.stderr
        assert f"new: {target / START}" in first.stdout.splitlines()

        (target / START).write_text("mine")
        second = poolviz_command("copy", target)

        assert second.returncode == 1
        assert f"kept: {target / START}" in second.stdout.splitlines()
        assert "--force" in second.stderr
        assert (target / START).read_text() == "mine"

        third = poolviz_command("copy", target, "--force")

        assert third.returncode == 0, third.stderr
        assert f"overwritten: {target / START}" in third.stdout.splitlines()
        assert (target / START).read_bytes() == (ROOT / "notebooks" / START).read_bytes()

    def test_copy_refuses_when_all_is_there(self, tmp_path: Path) -> None:
        poolviz_command("copy", tmp_path)
        again = poolviz_command("copy", tmp_path)

        assert again.returncode == 1
        assert {"unchanged"} == {line.partition(":")[0] for line in again.stdout.splitlines()}

    def test_copy_onto_a_file_fails(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        done = poolviz_command("copy", tmp_path / "file")

        assert done.returncode == 1
        assert done.stderr.startswith("poolviz: ")
        assert "Traceback" not in done.stderr


class TestLab:
    NOTEBOOKS = Path("course", "notebooks")

    def command(self, **changed: Any) -> list[str]:
        options = {"port": None, "no_browser": False, "extra": (), "is_root": False} | changed
        return command_line.lab_command(self.NOTEBOOKS, **options)

    def test_opens_the_first_notebook(self) -> None:
        expected = [
            sys.executable,
            "-m",
            "jupyterlab",
            "--ServerApp.root_dir=course",
            f"--LabApp.default_url=/lab/tree/notebooks/{START}",
        ]

        assert expected == self.command()

    def test_root_needs_a_flag(self) -> None:
        assert [*self.command(), "--allow-root"] == self.command(is_root=True)

    def test_options_and_other_arguments_are_passed_on(self) -> None:
        extra = ("--ip", "0.0.0.0", "-y")
        expected = [*self.command(), "--port=8890", "--no-browser", *extra]

        assert expected == self.command(port=8890, no_browser=True, extra=extra)

    @pytest.mark.parametrize("user", [0, 1000])
    def test_root_is_user_0(self, user: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)

        assert command_line.runs_as_root() == (user == 0)

    def test_windows_has_no_root(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(os, "geteuid", raising=False)

        assert not command_line.runs_as_root()

    def test_whole_line_in_a_checkout(self, started: list[Sequence[str]]) -> None:
        assert command_line.main(["lab", "--ip", "::1", "--no-browser", "--port", "0"]) == 0

        line = started[0]

        assert f"--ServerApp.root_dir={ROOT}" in line
        assert list(line[-2:]) == ["--ip", "::1"]
        assert {"--port=0", "--no-browser"} < set(line)
        assert ("--allow-root" in line) == command_line.runs_as_root()

    def test_wheel_opens_a_copy_and_keeps_what_was_changed(
        self,
        installation: Path,
        started: list[Sequence[str]],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(command_line, "checkout_notebooks", lambda: None)
        monkeypatch.setattr(
            command_line, "notebooks_folder", lambda: notebooks_folder(installation)
        )
        mine = tmp_path / command_line.OWN_COPY / START
        first = command_line.main(["lab"])

        assert first == 0
        assert "kept" not in capsys.readouterr().err
        assert f"--LabApp.default_url=/lab/tree/{command_line.OWN_COPY}/{START}" in started[0]
        assert mine.read_text() == "first"

        mine.write_text("mine")
        (mine.parent / "pictures" / "a.svg").unlink()
        command_line.main(["lab"])

        assert f"kept your changed {mine}" in capsys.readouterr().err
        assert mine.read_text() == "mine"
        assert (mine.parent / "pictures" / "a.svg").exists()

    @pytest.mark.parametrize("name", FILE_NAMES, ids=ascii)
    def test_a_folder_of_any_name_is_one_argument(
        self,
        name: str,
        installation: Path,
        started: list[Sequence[str]],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setattr(command_line, "checkout_notebooks", lambda: None)
        monkeypatch.setattr(
            command_line, "notebooks_folder", lambda: notebooks_folder(installation)
        )
        assert command_line.main(["lab"]) == 0

        assert f"--ServerApp.root_dir={folder}" in started[0]
        assert (folder / command_line.OWN_COPY / START).read_text() == "first"
        assert of_terminals(capsys.readouterr().err) == set()

    @pytest.mark.parametrize("has_pip", [True, False])
    def test_missing_jupyterlab_is_said_with_the_line_that_installs_it(
        self, has_pip: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def find(name: str) -> object:
            return object() if name == "pip" and has_pip else None

        monkeypatch.setattr(command_line, "find_spec", find)
        monkeypatch.setattr(sys, "executable", "my python")
        pip = "'my python' -m pip" if has_pip else "python3 -m pip --python 'my python'"

        assert command_line.main(["lab"]) == 1
        assert f"  {pip} install '{command_line.JUPYTERLAB}'" in capsys.readouterr().err


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """Nothing is started: the command lines are collected instead."""
    lines: list[Sequence[str]] = []

    def collect(command: list[str]) -> int:
        lines.append(command)
        return 0

    monkeypatch.setattr(command_line, "_run", collect)
    return lines


@pytest.mark.skipif(os.name != "posix", reason="Windows reports a closed pipe in other ways")
def test_nothing_is_said_where_nobody_reads_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As behind `| head`: the rest is dropped, also at the end of Python."""
    network = tmp_path / "net.py"
    network.write_text("from torch import nn\nnet = nn.Sequential(nn.MaxPool2d(40))\n")
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        assert command_line.main(["check", str(network), "--input", "3,32,32"]) == 1
        closed.flush()
    assert capfd.readouterr().err == ""
