"""The catalogue of all words: complete in every language, every text used, every key there."""

from __future__ import annotations

import ast
import os
import re
import string
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import poolviz as pv
from poolviz.texts.language import language, languages, say, set_language, speaking, texts

PACKAGE = Path(pv.__file__).parent
ENGLISH = texts("en")
EACH_LANGUAGE = pytest.mark.parametrize("name", languages())


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@EACH_LANGUAGE
def test_translation_is_complete(name: str) -> None:
    """The same keys, and in each text the same numbers to be put in."""
    found = texts(name)

    assert found.keys() == ENGLISH.keys()
    assert {key: placeholders(text) for key, text in found.items()} == {
        key: placeholders(text) for key, text in ENGLISH.items()
    }
    assert all(text.strip() for text in found.values())


@EACH_LANGUAGE
def test_code_is_not_translated(name: str) -> None:
    for key, text in texts(name).items():
        assert sorted(re.findall(r"`[^`]*`", text)) == sorted(re.findall(r"`[^`]*`", ENGLISH[key]))


def calls_of_say(package: Path = PACKAGE) -> Iterator[tuple[str, set[str]]]:
    """Key and names of fields of every `say("…", …)` in the package."""
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "say" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and all(word.arg for word in node.keywords):
                    yield first.value, {str(word.arg) for word in node.keywords}


def test_every_key_that_is_said_is_there_with_its_fields() -> None:
    wrong = [
        (key, fields)
        for key, fields in calls_of_say()
        if key not in ENGLISH or placeholders(ENGLISH[key]) != fields
    ]

    assert wrong == []


# --- which language is spoken --------------------------------------------------------------------


def test_a_language_is_spoken_for_a_while() -> None:
    with speaking("de"):
        assert language() == "de"
        assert say("word.height") == "Höhe"
        with speaking(None):
            assert language() == "de"
    assert language() == "en"


def test_a_language_is_spoken_from_now_on() -> None:
    set_language("de")
    try:
        heard: list[str] = []
        other = threading.Thread(target=lambda: heard.append(language()))
        other.start()
        other.join()
        assert (language(), heard) == ("de", ["de"])
        assert pv.exercise("size-plain").language == "de"
    finally:
        set_language("en")


@pytest.mark.parametrize("wrong", ["", "fr", "DE", 3, None])
def test_there_is_no_other_language(wrong: str) -> None:
    with pytest.raises(ValueError, match='language must be one of "de", "en", got'):
        set_language(wrong)
    assert language() == "en"


@pytest.mark.parametrize(("name", "code", "heard"), [("de", 0, "Höhe"), ("fr", 1, "got 'fr'")])
def test_the_environment_chooses_the_language(name: str, code: int, heard: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from poolviz.texts.language import say; print(say('word.height'))"],
        env={**os.environ, "POOLVIZ_LANGUAGE": name, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == code
    assert heard in done.stdout + done.stderr
