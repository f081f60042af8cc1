"""Reads Moodle XML and marks answers as Moodle does, without poolviz.

The rules are those of Moodle's question types: the first matching answer counts, the choices of a
set add up and stay within 0 and 1, and the fields of a cloze question weigh the same.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

CLOZE = re.compile(r"\{1:(NUMERICAL|MULTIRESPONSE_H):(.*?)\}")
ALTERNATIVE = re.compile(r"(=|%(-?\d+(?:\.\d*)?)%)?(.+?)(?=[~#]|$)(?:#(.*?))?(?:~|$)")
EPSILON = 1e-12


@dataclass(frozen=True)
class Alternative:
    text: str
    fraction: float
    feedback: str
    tolerance: float = 0.0

    def is_near(self, number: float) -> bool:
        return abs(float(self.text) - number) <= self.tolerance + EPSILON * max(1, abs(number))


def plain(text: str) -> str:
    """The words of HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", text))


@dataclass(frozen=True)
class Read:
    node: ET.Element

    def text(self, path: str) -> str:
        return self.node.findtext(f"{path}/text", "")

    @property
    def id(self) -> str:
        return self.node.findtext("idnumber", "")

    @property
    def type(self) -> str:
        return self.node.get("type", "")

    @property
    def answers(self) -> list[Alternative]:
        return [
            Alternative(
                plain(node.findtext("text", "")),
                float(node.get("fraction", "0")) / 100,
                plain(node.findtext("feedback/text", "")),
                float(node.findtext("tolerance", "0")),
            )
            for node in self.node.findall("answer")
        ]

    @property
    def fields(self) -> list[list[Alternative]]:
        found = CLOZE.findall(self.text("questiontext"))
        return [list(_alternatives(options, kind == "NUMERICAL")) for kind, options in found]

    def number(self, given: float) -> tuple[float, str]:
        return _first([each for each in self.answers if each.is_near(given)])

    def typed(self, given: str) -> tuple[float, str]:
        return _first([each for each in self.answers if each.text == given])

    def fields_of(self, given: Sequence[float]) -> tuple[float, list[str]]:
        pairs = zip(self.fields, given, strict=True)
        marks = [_first([each for each in field if each.is_near(n)]) for field, n in pairs]
        return sum(mark for mark, _ in marks) / len(marks), [said for _, said in marks]


def chosen(options: Sequence[Alternative], places: Sequence[int]) -> float:
    return min(1.0, max(0.0, sum(options[place].fraction for place in places)))


def _first(matching: Sequence[Alternative]) -> tuple[float, str]:
    return (matching[0].fraction, matching[0].feedback) if matching else (0.0, "")


def _alternatives(text: str, is_number: bool) -> list[Alternative]:
    found = []
    for mark, percent, answer, said in ALTERNATIVE.findall(text):
        fraction = 1.0 if mark == "=" else float(percent or 0) / 100
        number, _, near = answer.partition(":") if is_number else (answer, "", "")
        found.append(Alternative(number, fraction, said, float(near or 0)))
    return found


def read_moodle(content: bytes) -> list[Read]:
    return [Read(node) for node in ET.fromstring(content).findall("question")]
