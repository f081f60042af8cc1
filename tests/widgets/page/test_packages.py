"""SCORM packages: the same page under the same policy, and only it looks at its parent windows."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import Any

import pytest

import poolviz as pv
from poolviz.__main__ import main
from tests.support.stored_pages import hashes_of, policy_of

FEW: dict[str, Any] = {
    "kernel_size": [3, 4],
    "stride": [2, 3],
    "padding": [0],
    "dilation": [1],
    "framework": ["pytorch"],
    "op": ["max"],
    "ceil_mode": [False],
}


def unzipped(path: Path) -> tuple[ET.Element, str]:
    with zipfile.ZipFile(path) as package:
        assert package.namelist() == ["imsmanifest.xml", "index.html"]
        manifest = ET.fromstring(package.read("imsmanifest.xml"))
        return manifest, package.read("index.html").decode()


@pytest.mark.parametrize(
    ("package", "schema"), [("scorm", "1.2"), ("scorm2004", "2004 4th Edition")]
)
def test_a_card_becomes_a_package(package: str, schema: str, tmp_path: Path) -> None:
    card = pv.ExerciseCard("size-plain", language="de")
    card.save(tmp_path / "pool.zip", package=package)
    card.save(tmp_path / "pool.html")

    manifest, page = unzipped(tmp_path / "pool.zip")
    alone = (tmp_path / "pool.html").read_text(encoding="utf-8")
    found = {node.tag.rpartition("}")[2]: node for node in manifest.iter()}
    assert found["schemaversion"].text == schema
    assert found["resource"].get("href") == found["file"].get("href") == "index.html"
    assert found["item"].get("identifierref") == found["resource"].get("identifier")
    assert "API_1484_11" in page
    assert "API_1484_11" not in alone
    assert not re.search(r"\bparent\b|opener", alone.rpartition("<script")[2])
    assert hashes_of(page) <= set(policy_of(page).replace(";", " ").split())
    assert policy_of(page).startswith("default-src 'none'; script-src 'sha256-")
    assert policy_of(page).partition("img-src")[2] == policy_of(alone).partition("img-src")[2]


def test_an_explorer_with_a_task_becomes_a_package(tmp_path: Path) -> None:
    explorer = pv.PoolExplorer(10, 4)
    with pytest.raises(ValueError, match="nothing to score"):
        explorer.save(tmp_path / "pool.zip", package="scorm", **FEW)
    explorer.save(tmp_path / "pool.zip", package="scorm", task=pv.task(output_size=3), **FEW)

    assert "<title>" in unzipped(tmp_path / "pool.zip")[1]


@pytest.mark.parametrize(
    ("name", "package", "why"),
    [
        ("pool.zip", "scorm3", "package must be"),
        ("pool.html", "scorm", "says what is written"),
        ("pool.zip", None, "says what is written"),
    ],
)
def test_what_is_no_package_is_refused(
    name: str, package: str | None, why: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=why):
        pv.ExerciseCard("size-plain").save(tmp_path / name, package=package)


def test_the_command_line_writes_a_package(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "pool.zip"

    assert (
        main(
            [
                "export",
                "size-plain",
                "08",
                "unread-count",
                "zero-or-negative",
                "--to",
                str(target),
                "--scorm",
            ]
        )
        == 0
    )
    assert str(target) in capsys.readouterr().out
    count = len(pv.exercises(notebook="08")) + 3
    assert f"{count} exercises" in unzipped(target)[1]
    assert main(["export", "size-plain", "--to", str(tmp_path / "pool.xml"), "--scorm"]) == 1
