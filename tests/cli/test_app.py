"""`python -m poolviz app`: Voila's arguments, the port, and the message when Voila is missing."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from poolviz import __main__ as command_line
from poolviz.cli import voila_app
from poolviz.widgets.dashboard import Dashboard


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Voila is not started: its arguments are collected, and the environment is restored."""
    lines: list[list[str]] = []
    voila = ModuleType("voila.app")
    voila.Voila = type("Voila", (), {"launch_instance": staticmethod(lines.append)})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "voila", ModuleType("voila"))
    monkeypatch.setitem(sys.modules, "voila.app", voila)
    monkeypatch.setattr(command_line, "find_spec", lambda name: object())
    for name in ("JUPYTER_TOKEN", "JUPYTER_PATH", "POOLVIZ_LANGUAGE"):
        monkeypatch.setenv(name, "before")
    return lines


def test_only_this_machine_with_a_token_that_is_not_on_the_command_line(
    launched: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["app", "--no-browser", "--port", "4711"]) == 0
    (line,) = launched
    token = os.environ["JUPYTER_TOKEN"]

    assert len(token) == 48
    assert token not in " ".join(line)
    assert {"--port=4711", "--Voila.ip=127.0.0.1", "--token", "--no-browser"} <= set(line)
    assert Path(line[0]).is_file()
    assert f"http://127.0.0.1:4711/?token={token}\n" in capsys.readouterr().err


def test_every_start_has_another_token(launched: list[list[str]]) -> None:
    tokens = set()
    for _ in range(2):
        command_line.main(["app", "--no-browser"])
        tokens.add(os.environ["JUPYTER_TOKEN"])

    assert len(tokens) == 2


def test_language_and_other_arguments_are_passed_on(launched: list[list[str]]) -> None:
    command_line.main(["app", "--no-browser", "--language", "de", "--theme=dark"])

    assert launched[0][-1] == "--theme=dark"
    assert os.environ["POOLVIZ_LANGUAGE"] == "de"


def test_a_busy_port_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default port if it is free; 0 is any free port; a given port is used as it is."""
    with socket.create_server((voila_app.LOOPBACK, 0)) as busy:
        taken = busy.getsockname()[1]
        monkeypatch.setattr(voila_app, "USUAL_PORT", taken)

        assert voila_app._free_port(None) not in (0, taken)
        assert voila_app._free_port(0) not in (0, taken)
        assert voila_app._free_port(taken) == taken


def test_the_browser_opens_the_address_once_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(voila_app.webbrowser, "open", seen.append)
    with socket.create_server((voila_app.LOOPBACK, 0)) as server:
        voila_app._open_once_it_answers("http://a/?token=b", server.getsockname()[1])

    assert seen == ["http://a/?token=b"]


@pytest.mark.parametrize("missing", ["voila", "ipykernel"])
def test_what_is_missing_is_said_with_the_line_that_installs_it(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def find(name: str) -> Any:
        return None if name == missing else object()

    monkeypatch.setattr(command_line, "find_spec", find)
    monkeypatch.setattr(sys, "executable", "my python")

    assert command_line.main(["app"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"poolviz: {missing} is not installed here.")
    assert f"'my python' -m pip install '{command_line.VOILA}' ipykernel" in said


def test_the_notebook_is_one_cell_that_shows_the_page() -> None:
    stored = json.loads((voila_app.FOLDER / "poolviz.ipynb").read_text(encoding="utf-8"))
    (cell,) = stored["cells"]

    assert "".join(cell["source"]) == (
        "from poolviz.widgets.dashboard import Dashboard\n\nDashboard()"
    )


def test_the_page_speaks_the_language() -> None:
    page = Dashboard(language="de")

    assert ">Formen beim Pooling</h1>" in page.children[0].value
    assert 'lang="de"' in page.children[0].value
    assert repr(page) == "Dashboard(Formen beim Pooling)"
    assert {part.language for part in page.children if hasattr(part, "language")} == {"de"}
