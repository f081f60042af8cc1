"""Runs the response processing of a QTI item, without poolviz: what a platform would do.

It knows the operators that an item uses and no others; the whole of it was compared with OAT's QTI
SDK, which is in PHP.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

Responses = Mapping[str, Any]  # a number, a text, an identifier, or a set of identifiers


def _name(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


class Item:
    def __init__(self, content: bytes) -> None:
        self.root = ET.fromstring(content)
        self.id = self.root.get("identifier", "")
        self.named = {
            (node.get("outcomeIdentifier"), node.get("identifier")): "".join(node.itertext())
            for node in self._all("modalFeedback")
        }

    def _all(self, tag: str) -> list[ET.Element]:
        return [node for node in self.root.iter() if _name(node) == tag]

    @property
    def responses(self) -> list[str]:
        return [node.get("identifier", "") for node in self._all("responseDeclaration")]

    @property
    def choices(self) -> list[str]:
        return [node.get("identifier", "") for node in self._all("simpleChoice")]

    def process(self, given: Responses) -> tuple[float, list[str]]:
        """The score and the feedback that is shown."""
        self.values: dict[str, Any] = {"SCORE": 0.0, **given}
        for node in self._all("responseProcessing")[0]:
            self._run(node)
        shown = [self.named[key] for key in self.named if self.values.get(str(key[0])) == key[1]]
        return float(self.values["SCORE"]), shown

    def _run(self, node: ET.Element) -> None:
        if _name(node) == "setOutcomeValue":
            self.values[node.get("identifier", "")] = self._value(node[0])
            return
        assert _name(node) == "responseCondition"
        for branch in node:
            rules = list(branch)
            if _name(branch) == "responseElse" or self._value(rules.pop(0)):
                for rule in rules:
                    self._run(rule)
                return

    def _value(self, node: ET.Element) -> Any:
        name = _name(node)
        if name == "variable":
            return self.values.get(node.get("identifier", ""))
        if name == "baseValue":
            text = node.text or ""
            return float(text) if node.get("baseType") == "float" else text
        if name == "mapResponse":
            return self._mapped()
        inner = [self._value(child) for child in node]
        if name == "isNull":
            return not inner[0]
        if name == "multiple":
            return frozenset(inner)
        if name == "equal":
            low, high = map(float, node.get("tolerance", "0 0").split())
            return inner[1] - low - 1e-9 <= inner[0] <= inner[1] + high + 1e-9
        operators = {
            "match": lambda: inner[0] == inner[1],
            "stringMatch": lambda: inner[0].casefold() == inner[1].casefold(),
            "and": lambda: all(inner),
            "or": lambda: any(inner),
            "sum": lambda: sum(inner),
            "divide": lambda: inner[0] / inner[1],
        }
        return operators[name]()

    def _mapped(self) -> float:
        (mapping,) = self._all("mapping")
        shares = {node.get("mapKey"): float(node.get("mappedValue", "0")) for node in mapping}
        total = sum(shares[key] for key in self.values["RESPONSE"])
        low, high = float(mapping.get("lowerBound", "0")), float(mapping.get("upperBound", "1"))
        return min(high, max(low, total))
