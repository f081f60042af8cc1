"""What is around the code holds: README, licences, Binder, command line, CI script."""

from __future__ import annotations

import doctest
import hashlib
import os
import re
import shutil
import stat
import sys
import tomllib
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import unquote

import nbformat
import pytest
from packaging.requirements import Requirement

import poolviz
from poolviz import __main__ as command_line
from poolviz.cli import lite
from tests.support.commands import run
from tests.support.paths import ROOT
from tools import architecture

SET_UP = (
    "python3 -m venv --without-pip .venv && "
    "python3 -m pip --python .venv/bin/python install -e '.[{extra}]'"
)
START_COMMAND = f"{SET_UP.format(extra='lab')} && .venv/bin/python -m poolviz lab"
TEST_COMMAND = f"{SET_UP.format(extra='test')} && .venv/bin/python -m pytest -n auto"

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pyproject() -> dict[str, Any]:
    return tomllib.loads(text_of("pyproject.toml"))


def first_block(text: str, heading: str) -> list[str]:
    """The lines of the first fenced block under a heading of a Markdown text."""
    pattern = rf"^#+ +{re.escape(heading)} *\n((?:(?!#).*\n)*?)```.*\n((?:(?!```).*\n)*)```"
    found = re.search(pattern, text, re.MULTILINE)
    assert found, f"no fenced block under the heading {heading!r}"
    return found[2].splitlines()


class TestReadme:
    @pytest.mark.parametrize(
        "name",
        [
            *("README.md", "CONTRIBUTING.md", "CHANGELOG.md"),
            *("docs/pages.md", "docs/jupyterlite.md"),
        ],
    )
    def test_linked_files_exist(self, name: str) -> None:
        text = text_of(name)
        targets = re.findall(r"\]\(([^)\s]+)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
        files = {unquote(target.partition("#")[0]) for target in targets if "://" not in target}
        folder = (ROOT / name).parent
        missing = sorted(file for file in files if file and not (folder / file).exists())

        assert missing == []

    def test_start_command_is_the_tried_one(self) -> None:
        assert first_block(text_of("README.md"), "Start") == [START_COMMAND]

    def test_test_command_is_the_tried_one(self) -> None:
        assert first_block(text_of("README.md"), "Run the tests") == [TEST_COMMAND]

    def test_contributing_has_the_same_test_command(self) -> None:
        assert first_block(text_of("CONTRIBUTING.md"), "Set-up") == [TEST_COMMAND]

    def test_message_table_links_every_notebook(self) -> None:
        section = (
            text_of("README.md").partition("\n## Find your error message")[2].partition("\n## ")[0]
        )
        expected = sorted(f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb"))
        actual = sorted(re.findall(r"\]\((notebooks/[^)]+\.ipynb)\)", section))

        assert expected == actual


class TestVersions:
    def test_version_is_the_package_version(self) -> None:
        assert pyproject()["project"]["version"] == poolviz.__version__

    def test_version_is_in_the_changelog(self) -> None:
        assert f"## [{poolviz.__version__}]" in text_of("CHANGELOG.md")

    def test_python_floor_is_the_same_everywhere(self) -> None:
        settings = pyproject()
        floor = python_floor()
        named = [int(minor) for minor in re.findall(r"Python[^\n]{0,12}?3\.(\d+)", _prose())]

        assert settings["tool"]["mypy"]["python_version"] == f"3.{floor}"
        assert named, "README.md does not say which Python is needed"
        assert min(named) == floor

    def test_floors_of_the_command_line_are_those_of_the_extras(self) -> None:
        extras = pyproject()["project"]["optional-dependencies"]

        assert command_line.JUPYTERLAB in extras["lab"]
        assert command_line.VOILA in extras["app"]
        assert {command_line.JUPYTERLAB, command_line.VOILA} <= set(extras["test"])

    def test_oldest_versions_that_are_tested_are_the_floors(self) -> None:
        """`numpy>=1.26` is tested with 1.26.0."""
        lines = text_of("tests/oldest.txt").splitlines()
        pins = dict(line.split("==") for line in lines if "==" in line)
        floors = dict(entry.split(">=") for entry in pyproject()["project"]["dependencies"])
        padded = {name: (f"{floor}.0.0").split(".")[:3] for name, floor in floors.items()}

        assert {name: pin.split(".") for name, pin in pins.items()} == padded


def python_floor() -> int:
    requires = pyproject()["project"]["requires-python"]
    found = re.fullmatch(r">=3\.(\d+)", requires)
    assert found, requires
    return int(found[1])


def _prose() -> str:
    return re.sub(r"```.*?```", "", text_of("README.md"), flags=re.DOTALL)


class TestLicences:
    # The words of each text without its line breaks; the BSD text without its copyright line.
    CODE = "77bebd765dc6e78c3feb4e9856b5d733a736a0ce9621764f9a604daf488d6941"
    CONTENT = "1f5a529dc95849305307f0d6861169d8cae9e99807e4abcec68ef9ad19235652"

    def test_code_licence_is_the_full_bsd_text(self) -> None:
        lines = text_of("LICENSE").splitlines()
        words = " ".join(line for line in lines if not line.startswith("Copyright"))

        assert "Copyright (c) 2026, the poolviz authors" in lines
        assert digest(words) == self.CODE

    def test_content_licence_is_the_full_legal_code(self) -> None:
        text = text_of("LICENSE-content")

        assert text.startswith("Attribution 4.0 International\n")
        assert digest(text) == self.CONTENT

    def test_metadata_names_both(self) -> None:
        project = pyproject()["project"]

        assert project["license"] == "BSD-3-Clause AND CC-BY-4.0"
        assert project["license-files"] == ["LICENSE", "LICENSE-content"]


def digest(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


class TestContributing:
    """Its examples are the code as it is, and give what they say."""

    QUOTED = re.compile(r"From\s+`([^`]+)`:\n\n( *)```python\n(.*?)\n *```", re.DOTALL)

    def test_quoted_code_is_in_the_file(self) -> None:
        quotes = self.QUOTED.findall(text_of("CONTRIBUTING.md"))

        assert len(quotes) >= 5
        for name, _, block in quotes:
            assert is_quoted(dedent(block), text_of(name)), f"not in {name}:\n{block}"

    def test_quote_check_notices_a_change(self) -> None:
        source = "class A:\n    x = 1\n    y = 2\n"

        assert is_quoted("x = 1\ny = 2", source)
        assert not is_quoted("x = 1\ny = 3", source)
        assert not is_quoted("x = 1\n    y = 2", source)

    def test_sessions_give_what_they_say(self) -> None:
        sessions = doctest.DocTestParser().get_doctest(
            text_of("CONTRIBUTING.md"), {}, "CONTRIBUTING.md", None, 0
        )
        runner = doctest.DocTestRunner(verbose=False)
        said: list[str] = []
        runner.run(sessions, out=said.append)

        assert len(sessions.examples) >= 5
        assert "".join(said) == ""

    def test_named_files_exist(self) -> None:
        named = re.findall(r"`([\w./-]+/[\w./-]*|[\w.-]+\.md)`", text_of("CONTRIBUTING.md"))
        missing = {name for name in named if "NAME" not in name and not (ROOT / name).exists()}

        assert missing <= {".venv", ".venv/bin/mypy"}

    def test_the_diagram_shows_the_folders(self) -> None:
        """In the order of the layers, the highest first, with the folders in each."""
        drawn = diagram_of(text_of("CONTRIBUTING.md"))
        layers = [name for names in reversed(architecture.LAYERS) for name in names]

        assert sorted(drawn) == sorted(layers)
        levels = [architecture.LEVELS[name] for name in drawn]
        assert levels == sorted(levels, reverse=True)
        for name, folders in drawn.items():
            assert sorted(chain.from_iterable(folders)) == folders_in(ROOT / "poolviz" / name)
        assert [set(group) for group in drawn["widgets"]] == [
            set(names) for names in reversed(architecture.WIDGET_LAYERS)
        ]

    def test_the_diagram_of_the_tools_shows_the_folders(self) -> None:
        """Each with as few modules as one of the package."""
        drawn = diagram_of(text_of("CONTRIBUTING.md"), "The six verbs")

        assert sorted(drawn) == folders_in(ROOT / "tools")
        assert sorted(*drawn["record"]) == folders_in(ROOT / "tools" / "record")
        assert architecture.crowded_folders(ROOT / "tools", largest_share=1) == []

    def test_the_answers_are_where_they_are_said_to_be(self) -> None:
        answers = re.findall(r"\| `(\w+)` in `([\w./]+)` \|", text_of("CONTRIBUTING.md"))

        assert len(answers) >= 10
        for name, path in answers:
            assert re.search(rf"\b{name}\b", text_of(path)), f"{name} is not in {path}"


def folders_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("[a-z]*/"))


def diagram_of(text: str, section: str = "The package") -> dict[str, list[list[str]]]:
    """Folder → its subfolders in groups, from the first diagram of a section."""
    block = text.partition(f"\n## {section}\n")[2].split("```")[1]
    found = {}
    for line in block.strip().splitlines():
        name, _, rest = line.partition("/")
        found[name] = [re.findall(r"(\w+)/", group) for group in rest.split("|")]
    return found


def is_quoted(block: str, source: str) -> bool:
    """Return whether `source` has the lines of `block` in a row, all indented alike."""
    lines = source.splitlines()
    length = len(block.splitlines())
    windows = ("\n".join(lines[i : i + length]) for i in range(len(lines) - length + 1))
    return any(dedent(window) == block for window in windows)


class TestBinder:
    def test_python_is_a_minor_version_that_is_allowed_and_offered(self) -> None:
        found = re.fullmatch(r"python-3\.(\d+)\n", text_of("binder/runtime.txt"))

        assert found
        # repo2docker 2026.4.0 offers 3.8 to 3.14
        assert python_floor() <= int(found[1]) <= 14

    def test_requirements_install_this_repository(self) -> None:
        text = text_of("binder/requirements.txt")
        lines = text.splitlines()

        assert "-e ." in lines
        # repo2docker takes a file of just ".\n" for UTF-16, and installs too early.
        assert lines[0].startswith("#")
        assert len(text) > 20

    @needs_bash
    def test_post_build_is_a_script_that_bash_reads(self) -> None:
        script = ROOT / "binder" / "postBuild"
        checked = run("bash", "-n", script)

        assert script.stat().st_mode & stat.S_IXUSR
        assert script.read_bytes().startswith(b"#!/usr/bin/env bash\n")
        assert checked.returncode == 0, checked.stderr

    def test_nothing_makes_notebooks_trusted(self) -> None:
        """Trusted notebooks show dead widgets where untrusted ones show pictures."""
        for path in (ROOT / "binder").iterdir():
            assert "trust" not in path.read_text(encoding="utf-8")

    @pytest.mark.long
    @needs_bash
    def test_post_build_runs(self, tmp_path: Path) -> None:
        """All of it, except that `jupyter` only writes down how it was called."""
        calls = tmp_path / "calls"
        stub(tmp_path / "jupyter", f'printf "%s\\n" "$*" >> "{calls}"')
        stub(tmp_path / "python", f'exec "{sys.executable}" "$@"')
        environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
        done = run("binder/postBuild", cwd=ROOT, env=environment)

        assert done.returncode == 0, done.stderr
        assert "PoolExplorer" in done.stdout
        assert calls.read_text() == (
            "labextension disable @jupyterlab/apputils-extension:announcements\n"
        )

    def test_the_lock_fits_the_project(self) -> None:
        """Next year's image has the versions of today; a new requirement needs a new lock."""
        pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", text_of("binder/lock.txt"), re.MULTILINE))
        project = tomllib.loads(text_of("pyproject.toml"))["project"]
        needed = list(map(Requirement, project["dependencies"]))

        assert {each.name for each in needed} <= pins.keys()
        assert [str(each) for each in needed if pins[each.name] not in each.specifier] == []
        assert text_of("binder/lock.txt").count("\n") == len(pins) + 2  # two lines of comment

    def test_link_in_the_readme_opens_a_notebook_that_exists(self) -> None:
        links = re.findall(r"mybinder\.org/v2/gh/[^\s)\"]+", text_of("README.md"))

        assert links
        for link in links:
            path = unquote(link).partition("?urlpath=lab/tree/")[2]
            assert path.endswith(".ipynb"), link
            assert (ROOT / path).is_file(), link


class TestJupyterLite:
    def test_every_notebook_installs_for_itself(self, tmp_path: Path) -> None:
        """Below its title; of the rest only cells that are expected to raise are marked."""
        lite.prepare(tmp_path / "files")

        names = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
        assert sorted(path.name for path in (tmp_path / "files").glob("*.ipynb")) == names
        for name in names:
            before = nbformat.read(ROOT / "notebooks" / name, as_version=4)
            after = nbformat.read(tmp_path / "files" / name, as_version=4)
            nbformat.validate(after)
            assert after.cells[1].source.startswith("%pip install -q poolviz\n")
            for cell in before.cells:
                if "raises-exception" in cell.metadata.get("tags", ()):
                    cell.source = f"%%raises\n{cell.source}"
            assert [after.cells[0], *after.cells[2:]] == before.cells

    def test_what_cannot_be_built_is_said(self, tmp_path: Path) -> None:
        """Nothing is written over, and nothing is guessed."""
        (tmp_path / "mine.txt").write_text("mine")
        wheel = tmp_path / "no.whl"
        for wanted, call in (
            ("is not empty; --force", lambda: lite.build(tmp_path, None, (), force=False)),
            ("holds no pyodide.js", lambda: lite.build(tmp_path, tmp_path, (), force=True)),
            ("no.whl is no wheel", lambda: lite.build(tmp_path, None, (wheel,), force=True)),
        ):
            with pytest.raises(lite.LiteError, match=wanted):
                call()


def stub(path: Path, command: str) -> None:
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(0o755)


@needs_bash
class TestCiScript:
    def test_bash_reads_it(self) -> None:
        checked = run("bash", "-n", ROOT / ".ci" / "run")

        assert os.access(ROOT / ".ci" / "run", os.X_OK)
        assert checked.returncode == 0, checked.stderr

    def test_takes_its_test_command_from_the_readme(self) -> None:
        shown = run(ROOT / ".ci" / "run", "--show")

        assert (shown.returncode, shown.stdout) == (0, TEST_COMMAND + "\n"), shown.stderr

    @pytest.mark.parametrize(
        ("readme", "complaint"),
        [
            pytest.param("# poolviz\n", "no fenced block", id="no heading"),
            pytest.param("## Run the tests\nBy hand.\n", "no fenced block", id="no block"),
            pytest.param(
                "## Run the tests\n## Else\n```\na && b\n```\n", "no fenced block", id="later block"
            ),
            pytest.param("## Run the tests\n```\na\nb\n```\n", "not one line", id="two lines"),
            pytest.param("## Run the tests\n```\npytest\n```\n", "set up", id="no set-up"),
        ],
    )
    def test_says_what_the_readme_lacks(self, tmp_path: Path, readme: str, complaint: str) -> None:
        (tmp_path / ".ci").mkdir()
        script = shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
        (tmp_path / "README.md").write_text(readme)
        shown = run(script)

        assert shown.returncode == 1
        assert complaint in shown.stderr
        assert shown.stdout == ""


class TestMachinePaths:
    """No file says where somebody's machine keeps it."""

    # Written in pieces, so that this file does not hold what it looks for.
    FOLDERS = ("home", "work", "root", "Users", "tmp")
    PATTERN = re.compile(rf"(?<![\w.~*}}-])/(?:{'|'.join(FOLDERS)})/(?!ipykernel)[^\s\"'`]*")
    BASE64 = re.compile(r"[A-Za-z0-9+/=]{200,}")

    def test_no_file_names_one(self) -> None:
        found = {
            str(path.relative_to(ROOT)): paths
            for path in project_files()
            if (paths := self.paths_in(path.read_bytes()))
        }

        assert found == {}

    @pytest.mark.parametrize("folder", FOLDERS)
    def test_check_notices_one(self, folder: str) -> None:
        assert self.paths_in(f'"traceback": ["File /{folder}/me/x.py"]'.encode())

    def test_check_passes_what_is_no_machine_path(self) -> None:
        harmless = (
            "https://example.org/home/x notebooks/work/ /tmp/ipykernel_7/1.py " + "Q/work/" * 40
        )

        assert self.paths_in(harmless.encode()) == []

    def paths_in(self, content: bytes) -> list[str]:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            return []  # a picture or an archive
        return self.PATTERN.findall(self.BASE64.sub("", text))


def project_files() -> list[Path]:
    """The files that git tracks; without git, all but what .gitignore leaves out."""
    listed = None
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = run("git", "-c", "safe.directory=*", "ls-files", "-z", cwd=ROOT)
    if listed and listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
        return [path for path in files if path.is_file()]
    ignored = [line.rstrip("/") for line in text_of(".gitignore").splitlines()]
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not any(
            fnmatch(part, name) for part in path.relative_to(ROOT).parts for name in ignored
        )
    ]
