"""The example course, built by MyST: outputs of all notebooks, and a living widget.

mystmd comes from PyPI. Its theme does not: the pages are read as MyST hands them to a theme, and
the widget is run as a theme does it. `pytest -m slow tests/browser/pages/test_myst.py`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.support.pages import NAMES, carry_out, served, stored
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MYSTMD = "mystmd==1.11.0"
_RENDER = """async (address) => {
  const { default: widget } = await import(address);
  const model = { get() {}, set() {}, on() {}, off() {}, save_changes() {} };
  await widget.render({ el: document.body.appendChild(document.createElement('div')), model });
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of files and content that MyST makes of the course for a theme."""
    if not shutil.which("node"):
        pytest.skip("node is missing")
    folder = tmp_path_factory.mktemp("myst")
    download = ("-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), MYSTMD)
    done = subprocess.run(["python3", *download], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"PyPI does not give {MYSTMD} here: {done.stderr.strip()[-500:]}")
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder)
    course = folder / "course"
    shutil.copytree(ROOT / "docs" / "course", course)
    carry_out([f"{sys.executable} -m poolviz copy poolviz", "python write_widgets.py"], course)
    build = ["node", folder / "mystmd_py" / "myst.cjs", "build", "--site"]
    printed = subprocess.run(build, cwd=course, capture_output=True, text=True, timeout=300)
    said = printed.stdout + printed.stderr
    assert "Built living.md" in said, said[-3000:]
    assert "Duplicate identifier" not in said
    return course / "_build" / "site"


def nodes(tree: Any, kind: str) -> Iterator[dict[str, Any]]:
    """All nodes of a kind in the content of a page."""
    if isinstance(tree, dict):
        if tree.get("type") == kind:
            yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for one in tree:
            yield from nodes(one, kind)


def content(site: Path, name: str) -> Any:
    """The content of a page, whose address has no number and no underscores."""
    (page,) = site.glob(f"content/*{name.lstrip('0123456789_').replace('_', '-')}.json")
    return json.loads(page.read_text(encoding="utf-8"))["mdast"]


@pytest.mark.parametrize("name", NAMES)
def test_every_output_of_a_notebook_reaches_the_theme(name: str, site: Path) -> None:
    outputs = nodes(content(site, name), "output")
    kinds = [kind for output in outputs for kind in output.get("jupyter_data", {}).get("data", ())]

    assert kinds.count("text/html") == len(list(stored(name)))


def test_a_widget_of_a_page_is_alive(site: Path, page: Page) -> None:
    from playwright.sync_api import expect

    (widget,) = nodes(content(site, "living"), "anywidget")
    with served(site / "public") as address:
        page.goto(address)
        page.evaluate(_RENDER, f"{address}{widget['esm']}")
        slider = page.get_by_role("slider", name="kernel", exact=True)
        expect(page.locator(".pv-title")).to_contain_text("MaxPool 15×15")
        slider.press("ArrowLeft")
        expect(page.locator(".pv-title")).to_contain_text("MaxPool 14×14")
