"""A recording of widgets: all that they would show, and where each question leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from poolviz.drawing.output.scene_json import paint_data, picture_data
from poolviz.i18n.catalogue import say
from poolviz.widgets.page.columns import as_columns, as_json, packed

ANY_ROOM = 0  # the least width of a screen


class Shown(NamedTuple):
    """What one view shows: `drawn` has, for each least room, a picture and what is said of it."""

    state: dict[str, Any]
    drawn: dict[int, dict[str, Any]]


def shown(state: dict[str, Any], scene: Any = None) -> Shown:
    """What a view with one drawing for all screens shows."""
    picture = None if scene is None else picture_data(scene)
    return Shown(state, {ANY_ROOM: {"state": {}, "picture": picture}})


@dataclass
class Node:
    """What all views show at one time; a view that is not there is None.

    `goes`: view → action → value as JSON → the key of the node that it leads to.
    """

    views: tuple[Shown | None, ...]
    goes: dict[int, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def lead(self, view: int, action: str, value: Any, key: Any) -> None:
        """This action leads there."""
        self.goes.setdefault(view, {}).setdefault(action, {})[as_json(value)] = key


@dataclass
class Recording:
    """Nodes by their keys; the first one is where the page opens.

    `kinds` names the module of each view, `takes_settings` the views whose settings find a node.
    """

    kinds: tuple[str, ...]
    note: str
    refusal: str
    takes_settings: frozenset[int] = frozenset()
    nodes: dict[Any, Node] = field(default_factory=dict)

    def stored(self, texts: Mapping[str, str]) -> str:
        """As text for a page; `texts` are what the browser says by itself."""
        numbers = {key: number for number, key in enumerate(self.nodes)}
        nodes = list(self.nodes.values())
        goes = [_numbered(node.goes, numbers) for node in nodes]
        return packed(
            {
                "kind": "widgets",
                "paint": paint_data(),
                "texts": texts,
                "words": {"note": self.note, "refusal": self.refusal, "again": say("page.again")},
                "count": len(nodes),
                "start": 0,
                "goes": as_columns(goes),
                "views": [
                    {
                        "kind": kind,
                        "takesSettings": view in self.takes_settings,
                        **_rows([node.views[view] for node in nodes]),
                    }
                    for view, kind in enumerate(self.kinds)
                ],
            }
        )


def _numbered(
    goes: dict[int, dict[str, dict[str, Any]]], numbers: dict[Any, int]
) -> dict[str, dict[str, dict[str, int]]]:
    """With numbers of nodes in the place of their keys; what leads nowhere is left out."""
    return {
        str(view): {
            action: {value: numbers[key] for value, key in targets.items() if key in numbers}
            for action, targets in actions.items()
        }
        for view, actions in goes.items()
    }


def _rows(found: Sequence[Shown | None]) -> dict[str, Any]:
    """The table of what a view shows, and which row of it belongs to which node."""
    rows = [{"state": one.state, "drawn": one.drawn} for one in found if one is not None]
    if len(rows) == len(found):
        return {"table": as_columns(rows), "rows": None}
    places = iter(range(len(rows)))
    return {
        "table": as_columns(rows) if rows else {},
        "rows": [None if one is None else next(places) for one in found],
    }
