"""Recordings of widgets: everything a saved page can show, and where each action leads."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from poolviz.drawing.output.scene_json import paint_data, picture_data
from poolviz.drawing.scene.picture import Picture
from poolviz.widgets.page.columns import as_columns, as_json, digest, packed
from poolviz.widgets.page.phrases import words

ANY_WIDTH = 0  # the minimum width of a drawing that every screen takes

State = Mapping[str, object]
Goes = dict[int, dict[str, dict[str, Hashable]]]


class Storable(Protocol):
    """A recording that can be stored on a page."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kind of each view on the page; it names the JavaScript module."""

    @property
    def count(self) -> int:
        """Number of settings that are stored."""

    @property
    def is_scored(self) -> bool:
        """Whether the page judges what somebody does."""

    def stored(self, texts: Mapping[str, str], scorm: str | None = None) -> str:
        """Return the text of the page; `texts` are the browser's own words."""


class Drawing(NamedTuple):
    """A picture as plain values, and the part of the state that belongs to it."""

    state: State
    picture: Mapping[str, object] | None


class Shown(NamedTuple):
    """What one view shows: `drawn` has a drawing for each minimum width of the screen."""

    state: State
    drawn: Mapping[int, Drawing]

    def plain(self) -> dict[str, object]:
        """Return the same as plain values for JSON."""
        drawn = {str(width): drawing._asdict() for width, drawing in self.drawn.items()}
        return {"state": self.state, "drawn": drawn}


def shown(state: State, scene: Picture | None = None) -> Shown:
    """Return what a view with one drawing for all screens shows."""
    picture = None if scene is None else picture_data(scene)
    return Shown(state, {ANY_WIDTH: Drawing({}, picture)})


@dataclass
class Recorded:
    """What all views show at one time; None for a view that is not there.

    `goes`: view → action → value as JSON → the key of the node that it leads to.
    """

    views: tuple[Shown | None, ...]
    goes: Goes = field(default_factory=dict)

    def lead(self, view: int, action: str, value: object, key: Hashable) -> None:
        """Record that an action of a view leads to the node with this key."""
        self.goes.setdefault(view, {}).setdefault(action, {})[as_json(value)] = key


@dataclass
class Recording:
    """Nodes by their keys; the page opens with the first one.

    `kinds` names the module of each view, `takes_settings` the views whose settings find a node.
    """

    kinds: tuple[str, ...]
    note: str
    refusal: str
    takes_settings: frozenset[int] = frozenset()
    nodes: dict[Hashable, Recorded] = field(default_factory=dict)
    is_scored: bool = False

    @property
    def count(self) -> int:
        """Number of nodes."""
        return len(self.nodes)

    def stored(self, texts: Mapping[str, str], scorm: str | None = None) -> str:
        """Return the text of the page; `texts` are the browser's own words."""
        numbers = {key: number for number, key in enumerate(self.nodes)}
        nodes = list(self.nodes.values())
        goes = [_numbered(node.goes, numbers) for node in nodes]
        return packed(
            {
                "kind": "widgets",
                "id": digest([_identity(node) for node in nodes]),
                **({"scorm": scorm} if scorm else {}),
                "paint": paint_data(),
                "texts": texts,
                "words": words(self.note, refusal=self.refusal),
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


def _identity(node: Recorded) -> list[object]:
    """Return the lines that open what a node shows."""
    return [None if view is None else view.state.get("opens") for view in node.views]


def _numbered(goes: Goes, numbers: Mapping[Hashable, int]) -> dict[str, object]:
    """Replace the keys of nodes by their numbers; leave out what leads nowhere."""
    return {
        str(view): {
            action: {value: numbers[key] for value, key in targets.items() if key in numbers}
            for action, targets in actions.items()
        }
        for view, actions in goes.items()
    }


def _rows(views: Sequence[Shown | None]) -> dict[str, object]:
    """Return the table of what a view shows, and the row of each node in it."""
    rows = [one.plain() for one in views if one is not None]
    if len(rows) == len(views):
        return {"table": as_columns(rows), "rows": None}
    places = iter(range(len(rows)))
    return {
        "table": as_columns(rows) if rows else {},
        "rows": [None if one is None else next(places) for one in views],
    }
