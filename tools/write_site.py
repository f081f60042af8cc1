"""Write the documentation as a site, with a gallery of pictures and living widgets.

    python3 -m pip install -e '.[course]'
    .venv/bin/python -m tools.write_site --to DIR

Its pages are the files of the repository at their own addresses, so that links between them hold;
a link to any other file leads to the repository.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path
from posixpath import normpath
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any, NamedTuple

import poolviz as pv

ROOT = Path(__file__).resolve().parent.parent
REPOSITORY = "https://github.com/poolviz/poolviz/blob/main/"
PAGES = {
    "Start": ("gallery.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    "Documentation": ("docs/*.md", "docs/hosts/README.md", "docs/teaching/README.md"),
    "Notebooks": ("notebooks/*.ipynb",),
}
_LINK = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]*)(#[^)\s]*)?\)")
_ALT = re.compile(r'<img[^>]* alt="([^"]*)"')


class Shown(NamedTuple):
    """An entry of the gallery: what `code` makes, as a picture and as a page of `save`."""

    name: str
    title: str
    about: str
    code: str
    height: int
    ranges: dict[str, Any] | None = None


_NETWORK = """
layers = [pv.Conv(32, 3), pv.Pool(2)] * 5
pv.StackExplorer(pv.Stack(layers, input_shape=(28, 28, 1), framework="keras"))
"""
GALLERY = (
    Shown(
        "layer",
        "A layer that fails",
        "The kernel is larger than the input: what is missing, and the fixes that were computed.",
        "pv.PoolExplorer(10, kernel_size=15)",
        980,
        {"kernel_size": range(1, 16), "stride": [1, 2, 3], "padding": [0, 1]},
    ),
    Shown(
        "network",
        "A network that runs out of size",
        "Which layer fails, and which layers before it took the size.",
        _NETWORK.strip(),
        1100,
    ),
    Shown(
        "convolution",
        "A convolution",
        "The products of each window, term by term.",
        "pv.LayerExplorer(pv.Conv(1, 3), 6)",
        1100,
        {"kernel_size": [2, 3], "stride": [1, 2], "padding": [0, 1]},
    ),
    Shown(
        "map",
        "Which settings work",
        "The output size by two parameters; settings without room for a window are crossed out.",
        "pv.SizeMap(8, 3)",
        1500,
    ),
    Shown(
        "frameworks",
        "Five frameworks side by side",
        "Where they differ, why, and the code that makes them agree.",
        'pv.FrameworkComparison(6, 3, stride=2, padding="same", framework="keras")',
        1500,
    ),
    Shown(
        "message",
        "From the message to the fix",
        "A message, a log or code: what it says, and what helps.",
        'pv.ErrorDecoder("Calculated padded input size per channel: (2 x 2). '
        "Kernel size: (3 x 3). Kernel size can't be greater than actual input size\")",
        700,
    ),
    Shown(
        "exercise",
        "An exercise",
        "A wrong answer is told the rule that it follows.",
        'pv.ExerciseCard("size-plain")',
        520,
    ),
)


def made(code: str) -> Any:
    """Return the value of the last line."""
    *before, last = code.splitlines()
    names = {"pv": pv}
    exec("\n".join(before), names)
    return eval(last, names)


def gallery(pictures: Path) -> str:
    """Write pictures and pages of all entries; return the page that shows them."""
    pictures.mkdir(parents=True)
    cards, sections = [], []
    for shown in GALLERY:
        widget = made(shown.code)
        widget.save(pictures / f"{shown.name}.html", **(shown.ranges or {}))
        widget.save(pictures / f"{shown.name}.png")
        found = _ALT.search(widget._repr_mimebundle_()[0]["text/html"])
        alt = found[1] if found else shown.about
        cards.append(_card(shown, alt))
        sections.append(_section(shown))
    head = "# Gallery\n\nEvery widget below works without a kernel: move a slider, click a fix.\n"
    return "\n".join([head, "::::{grid} 1 2 2 3", ":gutter: 3", *cards, "::::", *sections])


def _card(shown: Shown, alt: str) -> str:
    return dedent(
        f"""
        :::{{grid-item-card}} {shown.title}
        :img-top: _static/gallery/{shown.name}.png
        :img-alt: {alt}
        :link: {shown.name}
        :link-type: ref
        {shown.about}
        :::"""
    )


def _section(shown: Shown) -> str:
    source = f'src="_static/gallery/{shown.name}.html" title="{shown.title}"'
    style = f"width: 100%; height: {shown.height}px; border: 0"
    frame = f'<iframe {source} loading="lazy" sandbox="allow-scripts" style="{style}"></iframe>'
    code = f"```python\nimport poolviz as pv\n\n{shown.code}\n```"
    return f"\n({shown.name})=\n## {shown.title}\n\n{shown.about}\n\n{code}\n\n{frame}\n"


def files() -> list[str]:
    """Return the files of the repository that are pages."""
    found = (ROOT.glob(pattern) for patterns in PAGES.values() for pattern in patterns)
    return [path.relative_to(ROOT).as_posix() for paths in found for path in sorted(paths)]


def with_links(text: str, name: str, pages: set[str]) -> str:
    """Make links to files that are no pages lead to the repository."""

    def link(found: re.Match[str]) -> str:
        target = normpath(f"{Path(name).parent.as_posix()}/{found[1]}")
        if target == "README.md":
            return found[0].replace("README.md", "index.md")
        return found[0] if target in pages else f"]({REPOSITORY}{target}{found[2] or ''})"

    return _LINK.sub(link, text)


def contents() -> str:
    """Return the tables of contents that the start page ends with."""
    trees = []
    for caption, patterns in PAGES.items():
        listed = "\n".join(pattern.rpartition(".")[0] for pattern in patterns)
        head = f":hidden:\n:glob:\n:caption: {caption}"
        trees.append(f"```{{toctree}}\n{head}\n\n{listed}\n```")
    return "\n\n".join(trees)


def write_sources(folder: Path) -> None:
    """Write everything that Sphinx reads."""
    pages = set(files())
    for name in sorted(pages):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".md":
            text = (ROOT / name).read_text(encoding="utf-8")
            target.write_text(with_links(text, name, pages), encoding="utf-8")
        else:
            shutil.copy(ROOT / name, target)
    shutil.copytree(ROOT / "notebooks" / "pictures", folder / "notebooks" / "pictures")
    pictures = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("notebooks/pictures/*")}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    start = with_links(readme, "README.md", pages | pictures)
    (folder / "index.md").write_text(f"{start}\n{contents()}\n", encoding="utf-8")
    (folder / "gallery.md").write_text(gallery(folder / "_static" / "gallery"), encoding="utf-8")
    shutil.copy(ROOT / "docs" / "site" / "conf.py", folder)
    shutil.copy(ROOT / "docs" / "site" / "site.css", folder / "_static")


def build(target: Path) -> None:
    """Write the site; warnings of Sphinx are errors."""
    with TemporaryDirectory() as sources:
        write_sources(Path(sources))
        sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"]
        subprocess.run([*sphinx, sources, target], check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True, help="the folder of the site")
    build(parser.parse_args().to)
