"""Hostile text in every place that takes text: in HTML it is text, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import poolviz as pv
from tests.support.hostile import ELEMENTS, PAYLOADS, Seen

pytestmark = pytest.mark.long

# What is made with a payload in it; all that it shows in a notebook is looked at.
MAKERS: dict[str, Callable[[str], Any]] = {
    "message": lambda text: pv.decode(
        f"Negative dimension size caused by subtracting 3 from 2 for '{text}/MaxPool' "
        f"(op: 'MaxPool') with input shapes: [?,2,9,5]. {text}"
    ),
    "decoder": pv.ErrorDecoder,
    "decoder with a message": lambda text: pv.ErrorDecoder(
        f"{text}\nGiven input size: (64x1x9). Calculated output size: (64x0x4). Output size is "
        f"too small {text}"
    ),
    "stack": lambda text: _stack(text),
    "stack explorer": lambda text: pv.StackExplorer(_stack(text)),
    "stack explorer that fails": lambda text: pv.StackExplorer(_stack(text, 9)),
    "code": lambda text: pv.read_code(_code(text), (1, 28, 28)),
    "code in an explorer": lambda text: pv.StackExplorer(_code(text), (1, 28, 28)),
    "answer": lambda text: pv.exercise("size-plain").check(text),
    "choice": lambda text: pv.exercise(_choices()).check(text),
    "card": lambda text: _answered(text),
}


def _stack(text: str, kernel: int = 2) -> Any:
    layers = [(text, pv.Pool(2)), pv.Same(name=text), (f"{text}2", pv.Pool(kernel))]
    return pv.Stack(layers, (12, 12, 1), framework="keras")


def _code(text: str) -> str:
    """In a comment, a name, a string and an argument that is not understood."""
    return (
        f"# {text!r}\nfrom torch import nn\n"
        f"net = nn.Sequential()\n"
        f"net.add_module({text!r}, nn.MaxPool2d(2))\n"
        f"net.add_module('b', nn.Strange({text!r}))\n"
    )


def _choices() -> str:
    return next(name for name in pv.exercises() if pv.exercise(name).form == "choice")


def _answered(text: str) -> pv.ExerciseCard:
    card = pv.ExerciseCard("size-plain")
    card.check(text)
    return card


def shown(thing: Any) -> list[str]:
    """Everything of a thing that a notebook takes for HTML."""
    found = []
    if hasattr(thing, "_repr_html_"):
        found.append(thing._repr_html_())
    if hasattr(thing, "_repr_mimebundle_"):
        bundle = thing._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        found += [value for kind, value in data.items() if kind in ("text/html", "image/svg+xml")]
        assert not {"text/markdown", "application/javascript", "text/latex"} & set(data)
    return found


def parts(thing: Any) -> list[Any]:
    """A widget and all that is in it."""
    inside = getattr(thing, "children", ())
    return [thing, *(part for child in inside for part in parts(child))]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("maker", MAKERS)
def test_hostile_text_is_text(maker: str, payload: str) -> None:
    thing = MAKERS[maker](PAYLOADS[payload])
    for html in shown(thing):
        assert Seen(html).strange == []
        assert "\x1b" not in html or payload == "terminal"


@pytest.mark.parametrize("maker", MAKERS)
def test_half_a_character_can_be_sent_and_stored(maker: str) -> None:
    """Half of a pair of surrogates is no text: Jupyter can neither send nor store it."""
    thing = MAKERS[maker]("\ud83d half")
    states = [part.get_state() for part in parts(thing) if hasattr(part, "get_state")]
    sent = json.dumps(
        [repr(thing), str(thing), shown(thing), states], ensure_ascii=False, default=repr
    )

    assert sent.encode().decode() == sent


@pytest.mark.parametrize("maker", ["message", "stack", "code"])
def test_it_is_really_shown(maker: str) -> None:
    """The payload appears as it was written; otherwise the tests would prove nothing."""
    (html,) = shown(MAKERS[maker]("<b>bold</b>"))

    assert "<b>bold</b>" in Seen(html).text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_look_would_see_it(payload: str) -> None:
    """Unescaped, every payload that has an element in it is strange; the others have none."""
    has_element = "<" in PAYLOADS[payload].replace("<%", "")

    assert bool(Seen(f"<p>{PAYLOADS[payload]}</p>").strange) == has_element


def test_only_what_is_used_is_known() -> None:
    """A list of elements that nobody uses would let more through than it must."""
    used: set[str] = set()

    class Tags(Seen):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            used.add(tag)

    for make in MAKERS.values():
        for html in shown(make("a name")):
            Tags(html)
    for thing in (pv.diagnose(pv.Pool(15), 10), pv.exercise(_choices()), pv.PoolExplorer(10, 15)):
        for html in shown(thing):
            Tags(html)

    assert used == set(ELEMENTS)
