"""Messages to decode, and what decoding them has to give."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from poolviz.arithmetic.trace import AxisTrace, Trace
from poolviz.messages.message import AxisReading, MessageKind
from poolviz.reading.messages import Message

QUANTITIES = (
    "input_size",
    "padded_size",
    "kernel_size",
    "effective_kernel_size",
    "stride",
    "dilation",
    "output_size",
)


def said_of(axis: AxisReading) -> dict[str, Any]:
    """Return what the text states about an axis, without its name."""
    said = {name: getattr(axis, name) for name in QUANTITIES}
    said["padding"] = axis.padding
    return {name: value for name, value in said.items() if value is not None}


def read_cases(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of a file under their names, with tuples as a message has them."""
    return {
        name: [{key: _as_tuples(value) for key, value in row.items()} for row in rows]
        for name, rows in tomllib.loads(path.read_text("utf-8")).items()
    }


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


def true_of(axis: AxisTrace) -> dict[str, Any]:
    """Return the true values of the same quantities."""
    values: dict[str, Any] = {name: getattr(axis, name) for name in QUANTITIES}
    before, after = axis.padding
    values["padding"] = before if before == after else (before, after)
    return values


def differences(message: Message, traced: Trace, framework: str) -> list[str]:
    """Yield the quantities for which a message differs from the trace."""
    wrong = []
    axes = list(traced.axes)
    if len(message.axes) == 1 and len(axes) == 2 and axes[0].input_size == 1:
        # PyTorch says of a map with one row what it says of a sequence.
        axes = axes[1:]
        names: list[str | None] = ["length"]
    else:
        names = [axis.name for axis in axes]
    if message.framework != framework:
        wrong.append(f"framework {message.framework}")
    if len(message.axes) == 1 and message.axes[0].name is None:
        said = said_of(message.axes[0])
        if not any(said.items() <= true_of(axis).items() for axis in traced.axes):
            wrong.append(f"unnamed axis {said}")
        return wrong
    if message.axes and [axis.name for axis in message.axes] != names:
        return [*wrong, f"axes {[axis.name for axis in message.axes]}"]
    for axis, truth in zip(message.axes, axes, strict=False):
        said = said_of(axis)
        if not said.items() <= true_of(truth).items():
            wrong.append(f"{truth.name} {said}")
    return wrong


@dataclass(frozen=True)
class Form:
    """One wording with numbers of our own, and what it says; what is left out is not compared."""

    text: str
    framework: str
    kind: MessageKind = MessageKind.NO_FIT
    op: str | None = None
    axis: str | None = None
    axes: tuple[dict[str, Any], ...] | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def _forms() -> Iterator[Form]:
    own = ("text", "op", "axis", "axes")
    for path in sorted(Path(__file__).with_name("forms").glob("*.toml")):
        for framework, rows in read_cases(path).items():
            for row in rows:
                kind = MessageKind(row.pop("kind", MessageKind.NO_FIT))
                said = {name: row.pop(name) for name in own if name in row}
                yield Form(framework=framework, kind=kind, facts=row, **said)


FORMS = tuple(_forms())  # those that are not recorded, in each framework's wording
