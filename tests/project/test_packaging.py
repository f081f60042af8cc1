"""Wheel and sdist: complete, the same bytes each time, and at work outside of the repository."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

import poolviz
from poolviz.cli.notebooks import START
from tests.project.test_project import project_files, run
from tests.support.paths import ROOT

pytestmark = pytest.mark.long

NAME = f"poolviz-{poolviz.__version__}"
DATA = f"{NAME}.data/data"
REPOSITORY = r"https://(?:github|raw\.githubusercontent)\.com/poolviz/poolviz"
EPOCH = "1700000000"  # what SOURCE_DATE_EPOCH says in these builds


def build(source: Path, folder: Path) -> dict[str, bytes]:
    """Wheel and sdist of a source tree, built without a network; their bytes by their names."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the packages, is not installed")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    built = run(*command, cwd=source, env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH})
    assert built.returncode == 0, built.stderr
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(built.glob("*.whl")))


@pytest.fixture(scope="module")
def sdist(built: Path) -> tarfile.TarFile:
    return tarfile.open(next(built.glob("*.tar.gz")))


def tracked(*folders: str) -> set[str]:
    """The files of the repository in some folders, by their names in it."""
    names = {path.relative_to(ROOT).as_posix() for path in project_files()}
    return {name for name in names if name.partition("/")[0] in folders}


class TestContents:
    def test_wheel_holds_the_package_and_the_notebooks_and_no_more(
        self, wheel: zipfile.ZipFile
    ) -> None:
        expected = {
            *tracked("poolviz"),
            *(f"poolviz/{name}" for name in tracked("notebooks")),
            *(f"{DATA}/{name}" for name in tracked("share")),
        }
        found = {name for name in wheel.namelist() if not name.startswith(f"{NAME}.dist-info/")}

        assert expected == found

    @pytest.mark.parametrize(
        "name",
        [
            "poolviz/py.typed",
            "poolviz/i18n/en.toml",
            "poolviz/i18n/de.toml",
            "poolviz/widgets/explorer/viewer.js",
            "poolviz/widgets/explorer/viewer.css",
            "poolviz/cli/app/poolviz.ipynb",
            "poolviz/cli/app/voila/templates/poolviz_app/index.html.j2",
            f"poolviz/notebooks/{START}",
            "poolviz/notebooks/pictures/broken.png",
            f"{DATA}/share/jupyter/nbconvert/templates/poolviz/index.html.j2",
            f"{DATA}/share/jupyter/nbconvert/templates/poolviz_slides/index.html.j2",
            f"{DATA}/share/jupyter/nbconvert/templates/poolviz_latex/index.tex.j2",
            f"{NAME}.dist-info/licenses/LICENSE",
            f"{NAME}.dist-info/licenses/LICENSE-content",
        ],
    )
    def test_wheel_holds_what_no_import_would_miss(self, wheel: zipfile.ZipFile, name: str) -> None:
        assert name in wheel.namelist()

    def test_sdist_holds_the_tests_and_the_documents_too(self, sdist: tarfile.TarFile) -> None:
        expected = tracked("poolviz", "notebooks", "share", "docs", "tests", "tools", "binder")
        found = {name.removeprefix(f"{NAME}/") for name in sdist.getnames()}

        assert expected <= found
        assert {name.partition("/")[0] for name in found} == {
            *("poolviz", "notebooks", "share", "docs", "tests", "tools", "binder"),
            *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff"),
            *("LICENSE", "LICENSE-content"),
            *("conftest.py", "pyproject.toml", "PKG-INFO", ".gitignore"),
            *("package.json", "tsconfig.json", "biome.json"),
        }


def test_readme_reads_on_pypi_as_in_the_repository(wheel: zipfile.ZipFile) -> None:
    """PyPI resolves no relative links, and removes HTML that it does not trust."""
    render = pytest.importorskip("readme_renderer.markdown").render
    metadata = message_from_bytes(wheel.read(f"{NAME}.dist-info/METADATA"))
    page = BeautifulSoup(render(bytes(metadata.get_payload(decode=True)).decode()), "html.parser")
    targets = {str(tag.get("href", tag.get("src"))) for tag in page.find_all(["a", "img"])}
    ids = {f"#{tag['id']}" for tag in page.find_all(id=True)}
    files = re.findall(rf"{REPOSITORY}/(?:blob/)?main/([^#\n]+)", "\n".join(targets))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", re.sub("```.*?```", "", readme, flags=re.DOTALL), re.M)

    assert metadata["Description-Content-Type"] == "text/markdown"
    assert {one for one in targets - ids if not one.startswith("https://")} == set()
    assert [name for name in files if not (ROOT / name).exists()] == []
    assert len(files) > 30
    assert [tag.get_text() for tag in page.find_all(["h1", "h2", "h3"])] == headings
    assert len(page.find_all("pre")) == readme.count("```") // 2
    assert len(page.find_all("table")) == len(re.findall(r"^\|-", readme, re.M))


@pytest.mark.release
class TestReproducible:
    def test_two_builds_give_the_same_bytes(self, built: Path, tmp_path: Path) -> None:
        """The second one from a copy: another folder, other times, the sdist's files alone."""
        with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
            sdist.extractall(tmp_path, filter="data")
        source = tmp_path / NAME
        for path in source.rglob("*"):
            os.utime(path, (10**9, 10**9))
        again = build(source, tmp_path / "dist")
        first = {path.name: path.read_bytes() for path in sorted(built.iterdir())}

        assert sorted(first) == sorted(again) == [f"{NAME}-py3-none-any.whl", f"{NAME}.tar.gz"]
        for name, content in first.items():
            assert content == again[name], f"{name} differs"

    def test_another_content_gives_other_bytes(self, built: Path, tmp_path: Path) -> None:
        """Or the comparison would show nothing."""
        with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
            sdist.extractall(tmp_path, filter="data")
        with (tmp_path / NAME / "poolviz" / "i18n" / "de.toml").open("a") as file:
            file.write("# one more line\n")
        again = build(tmp_path / NAME, tmp_path / "dist")
        first = {path.name: path.read_bytes() for path in sorted(built.iterdir())}

        assert [name for name in first if first[name] != again[name]] == sorted(first)


@pytest.fixture(scope="module")
def outside(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it; what poolviz needs is that of this one."""
    folder = tmp_path_factory.mktemp("outside")
    venv.create(folder / "env", with_pip=False, symlinks=os.name == "posix")
    paths = {"base": str(folder / "env"), "platbase": str(folder / "env")}
    site = Path(sysconfig.get_path("purelib", scheme="venv", vars=paths))
    wheel.extractall(site)
    shutil.move(site / DATA / "share", folder / "env" / "share")
    (site / "needed.pth").write_text(sysconfig.get_path("purelib"))  # comes after the wheel
    return folder


def python(outside: Path, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """Runs the environment's Python there, without a way back into the repository."""
    scripts = "Scripts" if os.name == "nt" else "bin"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "POOL"))
    }
    command = [str(outside / "env" / scripts / "python"), *arguments]
    return run(*command, cwd=outside, env=environment | changed)


def answer(outside: Path, code: str, **changed: str) -> Any:
    """The last thing that some code prints, as JSON."""
    done = python(outside, "-c", f"import json, poolviz as pv\n{code}", **changed)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


class TestOutside:
    def test_the_wheel_is_what_runs(self, outside: Path) -> None:
        path = Path(answer(outside, "print(json.dumps(pv.__file__))"))

        assert path.is_relative_to(outside / "env")

    def test_a_widget_has_its_bundle(self, outside: Path) -> None:
        code = """
w = pv.PoolExplorer(10, kernel_size=15)
data, _ = w._repr_mimebundle_()
print(json.dumps([sorted(data), data["text/html"][:30], len(w._esm), len(w._code.packed)]))
"""
        kinds, html, loader, code = answer(outside, code)

        assert kinds == [
            "application/vnd.jupyter.widget-view+json",
            *("image/png", "text/html", "text/plain"),
        ]
        assert "<img alt=" in html
        assert min(loader, code) > 1000

    @pytest.mark.parametrize(
        ("language", "asks"), [("en", "What is the output size"), ("de", "Wie groß")]
    )
    def test_exercises_in_each_language(self, outside: Path, language: str, asks: str) -> None:
        code = "print(json.dumps([len(pv.exercises()), pv.exercise(pv.exercises()[0]).question]))"
        count, question = answer(outside, code, POOLVIZ_LANGUAGE=language)

        assert count == len(poolviz.exercises())
        assert asks in question

    def test_the_command_copies_the_notebooks(self, outside: Path) -> None:
        done = python(outside, "-m", "poolviz", "copy", "course")

        assert done.returncode == 0, done.stderr
        assert (outside / "course" / START).read_bytes() == (
            ROOT / "notebooks" / START
        ).read_bytes()


@pytest.mark.release
class TestTypes:
    """What a type checker says to somebody who has the wheel: py.typed is at work."""

    CONSUMER = ROOT / "tests" / "consumer"

    def findings(self, outside: Path, name: str) -> list[tuple[int, str]]:
        """Line and code of each error."""
        shutil.copy(self.CONSUMER / name, outside)
        interpreter = outside / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
        done = run(
            *(sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-pretty"),
            *("--python-executable", str(interpreter), f"--cache-dir={outside / 'mypy'}", name),
            cwd=outside,
            env={key: value for key, value in os.environ.items() if key != "MYPYPATH"},
        )
        assert done.returncode in (0, 1), done.stderr
        found = re.findall(r"^\S+:(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE)
        assert len(found) == done.stdout.count(": error:"), done.stdout
        return [(int(line), code) for line, code in found]

    def test_right_uses_pass_and_run(self, outside: Path) -> None:
        assert self.findings(outside, "right.py") == []

        done = python(outside, "right.py")

        assert done.returncode == 0, done.stderr

    def test_wrong_uses_are_found_and_nothing_else(self, outside: Path) -> None:
        lines = (self.CONSUMER / "wrong.py").read_text(encoding="utf-8").splitlines()
        expected = [
            (number, line.rpartition("# ")[2])
            for number, line in enumerate(lines, start=1)
            if "  # " in line
        ]

        assert len(expected) >= 20
        assert self.findings(outside, "wrong.py") == expected
