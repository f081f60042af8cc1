"""Words and widgets below a traceback: in an interpreter, in IPython, in pytest."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

import poolviz as pv
from poolviz import pytest as plugin
from poolviz.hooks import watch as watching
from poolviz.hooks.words import print_explained, words_of
from tests.failures.failing import forward, found, raised
from tests.support.paths import ROOT

pytestmark = pytest.mark.usefixtures("torch_is_loaded")


def test_an_interpreter_prints_words_after_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", lambda *_: print("the traceback", file=sys.stderr))
    monkeypatch.setattr(watching, "_checked", lambda shell: None)
    usual = sys.excepthook
    error = raised(forward)
    pv.watch()
    pv.watch()
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        pv.unwatch()
    order = capsys.readouterr().err.splitlines()

    assert sys.excepthook is usual
    assert order[0] == "the traceback"
    assert order[1].startswith("poolviz: 3 layers on 3 × 30 × 30: stops at model[2][0]")


class Shell:
    """The part of IPython's shell that is used."""

    def __init__(self) -> None:
        self.callbacks: list[Any] = []
        self.events = SimpleNamespace(
            register=lambda name, function: self.callbacks.append(function),
            unregister=lambda name, function: self.callbacks.remove(function),
        )
        self.compile = SimpleNamespace(_filename_map={})

    def run(self, error: BaseException | None) -> None:
        for function in self.callbacks:
            function(SimpleNamespace(error_in_exec=error, info=None))


def test_ipython_without_widgets_prints_words(capsys: pytest.CaptureFixture[str]) -> None:
    shell = Shell()
    pv.load_ipython_extension(shell)
    for error in (raised(forward), None, KeyboardInterrupt(), ValueError("another")):
        shell.run(error)
    pv.unload_ipython_extension(shell)

    assert capsys.readouterr().out.count("stops at model[2][0]") == 1
    assert shell.callbacks == []


@pytest.mark.long
def test_cells_of_ipython_are_explained_and_everything_is_restored() -> None:
    run = [sys.executable, "-m", "tests.failures.ipython_session"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    explained = {name for name, said in answer["said"].items() if "poolviz: 3 layers" in said}

    assert explained == {"plain", "async", "nested"}
    assert answer["is_restored"]


def test_an_exception_of_poolviz_is_logged_only(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(error: BaseException) -> None:
        raise AssertionError("ours")

    monkeypatch.setattr(watching, "find_failure", broken)
    shell = Shell()
    pv.watch(shell)
    with caplog.at_level(logging.DEBUG, "poolviz"):
        shell.run(ValueError("theirs"))
    pv.unwatch(shell)

    assert "ours" in caplog.text
    assert capsys.readouterr() == ("", "")


def test_a_front_end_without_the_widget_sees_picture_and_words() -> None:
    widget = watching.widget_of(found())
    shown = widget._repr_mimebundle_()[0]
    widget.close()

    assert {"image/png", "text/html", "text/plain"} <= shown.keys()
    assert "stops at model[2][0]" in shown["text/plain"]
    assert "stops at model[2][0]" in shown["text/html"]


def test_colours_are_for_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    print_explained(raised(forward))
    assert "\033" not in capsys.readouterr().err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    print_explained(raised(forward))
    assert "\033[31m" in capsys.readouterr().err
    monkeypatch.setenv("NO_COLOR", "1")
    print_explained(raised(forward))
    assert "\033" not in capsys.readouterr().err


def test_pytest_gets_a_section() -> None:
    report = SimpleNamespace(sections=[])
    called = SimpleNamespace(excinfo=SimpleNamespace(value=raised(forward)))
    plugin.pytest_exception_interact(None, called, report)

    assert report.sections == [("poolviz", words_of(found()))]
