"""The widgets' JavaScript files joined to modules, and what is sent of them to a browser."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path

import pytest

import poolviz as pv
from poolviz.browser import bundle
from poolviz.browser.bundle import page_module, stripped, widget_module
from poolviz.widgets.base.live_page import MODULES
from poolviz.widgets.base.shared_code import SharedCode, shared_code

MOST_FIRST = 60_000  # bytes for the first explorer
MOST_NEXT = 30_000  # and for each further one
MOST_LOADER = 2_048  # of them


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of scripts in the place of the package's own."""
    monkeypatch.setattr(bundle, "_PACKAGE", tmp_path)
    for cached in (bundle._read, bundle.widget_module):
        cached.cache_clear()
        monkeypatch.setattr(bundle, cached.__name__, cached.__wrapped__)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.js"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


# --- joining -------------------------------------------------------------------------------------


def test_a_file_stands_after_the_files_that_it_imports_and_only_once(folder: Path) -> None:
    write(
        folder,
        base__one="export const one = 1;\n",
        base__two='import { one } from "./one.js";\nexport const two = one + 1;\n',
        top__main='import { two } from "../base/two.js";\nimport { one } from "../base/one.js";\n'
        "export function render() {\n  return one + two;\n}\n",
    )

    assert bundle.widget_module("top/main.js").splitlines() == [
        "const base_one = (() => {",
        "const one = 1;",
        "return { one };",
        "})();",
        "const base_two = (() => {",
        "const { one } = base_one;",
        "const two = one + 1;",
        "return { two };",
        "})();",
        "const top_main = (() => {",
        "const { two } = base_two;",
        "const { one } = base_one;",
        "function render() {",
        "return one + two;",
        "}",
        "return { render };",
        "})();",
        "export default top_main;",
    ]


def test_an_import_may_take_several_lines(folder: Path) -> None:
    write(
        folder,
        a="export class A {}\nexport async function b() {}\n",
        main='import {\n  A,\n  b,\n} from "./a.js";\nexport const render = [A, b];\n',
    )

    assert "const { A, b } = a;\nconst render" in bundle.widget_module("main.js")
    assert "return { A, b };" in bundle.widget_module("main.js")


def test_files_that_import_each_other_are_refused(folder: Path) -> None:
    write(
        folder,
        a='import { b } from "./b.js";\nexport const a = b;\n',
        b='import { a } from "./a.js";\nexport const b = a;\n',
    )

    with pytest.raises(ImportError, match=re.escape("a.js → b.js → a.js")):
        bundle.widget_module("a.js")


@pytest.mark.parametrize(
    "line",
    [
        'import a from "./a.js";',
        'import * as a from "./a.js";',
        'import { a as b } from "./a.js"; // why',
        'import "./a.js";',
        'import { a } from "react";',
        "export default 1;",
        "export { a };",
        "export let a = 1;",
        'export * from "./a.js";',
    ],
)
def test_what_cannot_be_joined_is_refused(folder: Path, line: str) -> None:
    write(folder, main=f"{line}\n", a="export const a = 1;\n")

    with pytest.raises(ImportError, match=f"main.js: cannot bundle {re.escape(repr(line))}"):
        bundle.widget_module("main.js")


def test_a_missing_file_is_named(folder: Path) -> None:
    write(folder, main='import { a } from "./gone.js";\n')

    with pytest.raises(FileNotFoundError, match=r"gone\.js"):
        bundle.widget_module("main.js")


def test_a_page_has_each_file_once() -> None:
    page = page_module(MODULES)

    assert len(MODULES) == 6
    assert (
        page.count("const browser_elements = ")
        == page.count("const widgets_explorer_geometry = ")
        == 1
    )
    assert page.splitlines()[-1].startswith(
        "browser_page.openPage({ explorer: widgets_explorer_viewer, "
    )


# --- stripping: tests/js/bundle.test.js compares all files by their syntax -----------------------


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("// a\n  // b\ncode();\n", "code();\n"),
        ("/**\n * @param {string} a // */\nf(a);\n", "f(a);\n"),
        ("  a();\n\n    b(); // why\n", "a();\nb();\n"),
        ("const at = /** @type {Node} */ (x);\n", "const at = (x);\n"),
        ('say("a // b", "/* c */");\n', 'say("a // b", "/* c */");\n'),
        ("const url = /^https?:\\/\\/x/;\n", "const url = /^https?:\\/\\/x/;\n"),
    ],
)
def test_only_comments_and_indentation_are_stripped(source: str, left: str) -> None:
    assert stripped(source) == left


# --- what is sent --------------------------------------------------------------------------------


def sent(widget: object) -> int:
    """Bytes of a model, with its picture."""
    state = widget.get_state()  # type: ignore[attr-defined]
    binary = b"".join(state.pop(name, b"") for name in ("picture", "packed", "_packed"))
    return len(json.dumps(state)) + len(binary)


def test_an_explorer_carries_little_code() -> None:
    first, second = pv.PoolExplorer(10, 15), pv.PoolExplorer(10, 15)

    assert first._code is second._code
    assert sent(second) <= MOST_NEXT
    assert sent(first) + sent(first._code) <= MOST_FIRST


def test_the_loader_is_small() -> None:
    assert len(bundle.loader().encode()) <= MOST_LOADER


def test_a_browser_that_does_not_find_the_shared_code_is_sent_it() -> None:
    widget = pv.PoolExplorer(10, 3)
    assert widget._packed == b""
    assert widget._digest == widget._code.digest
    widget.set_state({"_needs_code": True})

    assert widget._packed == widget._code.packed
    assert sent(pv.PoolExplorer(10, 3)) <= MOST_NEXT


def test_the_code_is_that_of_the_widget_in_its_language() -> None:
    german = pv.PoolExplorer(10, 3, language="de")
    code = json.loads(zlib.decompress(german._code.packed))

    assert code["script"] == widget_module("widgets/explorer/viewer.js")
    assert code["styles"] == bundle.styles()
    assert code["texts"]["language"] == "de"
    assert german._code is not pv.PoolExplorer(10, 3, language="en")._code
    assert german.get_state()["_code"] == f"IPY_MODEL_{german._code.model_id}"


def test_code_that_was_closed_is_sent_again() -> None:
    before = shared_code("widgets/explorer/viewer.js", "en")
    before.close()
    after = pv.PoolExplorer(10, 3, language="en")._code

    assert after is not before
    assert isinstance(after, SharedCode)
    assert after.comm is not None
    assert after.digest == before.digest
