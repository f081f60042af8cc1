"""The state of a StackExplorer: a network and its chosen layer."""

from __future__ import annotations

from dataclasses import replace

from poolviz.arithmetic.convolution.trace import trace_convolution
from poolviz.arithmetic.frameworks.registry import choices
from poolviz.arithmetic.layers.conv import Conv, Convolution, ConvTranspose, DepthwiseConv
from poolviz.arithmetic.layers.fitted import FittedPool
from poolviz.arithmetic.layers.network_layers import Layer, bare
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.forward import Failure, Row
from poolviz.arithmetic.open_size import has_open
from poolviz.arithmetic.trace import Trace
from poolviz.diagnosis.network.phrases import layer_label
from poolviz.diagnosis.network.stack import Stack
from poolviz.diagnosis.network.stack_sizes import DATA_FORMATS
from poolviz.diagnosis.network.table import lines, titles
from poolviz.drawing.charts.network_diagram import NetworkDiagram, scale_note
from poolviz.i18n.catalogue import say
from poolviz.widgets.base.wire import ChosenLayer, Finding, NetworkState, StackRow

MOST_ROWS = 300  # of the table; longer stacks show their two ends

SLOT_WIDTH, SLOT_HEIGHT = 580.0, 236.0  # of the picture of the chosen layer, beside the table

# Names of the notes about what is shown below the stack.
NO_WINDOW, NO_MAP = "no_window", "no_map"


def entry_of(stack: Stack, index: int | None) -> Row | Failure | None:
    """Return the row of a layer, or the failure if it is the layer that fails."""
    walk = stack.walk
    if walk.failure is not None and walk.failure.index == index:
        return walk.failure
    return walk.rows[index] if index is not None and 0 <= index < len(walk.rows) else None


def state_of(diagram: NetworkDiagram, chosen: int | None) -> NetworkState:
    """Return everything the browser shows of a stack and its chosen layer."""
    stack, diagnosis = diagram.stack, diagram.stack.diagnosis
    failure = stack.first_failure
    return {
        "verdict": diagnosis.verdict,
        "title": f"{diagnosis.headline}.",
        "alt": diagram.alt,
        "detail": scale_note(),
        "width": diagram.width,
        "height": diagram.height,
        "places": [
            {"box": list(place.rect), "first": place.first, "last": place.last}
            for place in diagram.places
        ],
        "level": _level(stack),
        "input": ", ".join(map(str, stack.input_shape)),
        "framework": stack.framework,
        "frameworks": [list(one) for one in choices(stack.framework)],
        "dataFormat": stack.data_format,
        "dataFormats": [[name, name] for name in DATA_FORMATS],
        "findings": _findings(stack),
        "hasMinimum": stack.minimum_input_size is not None,
        "fixes": [
            {"text": fix.change, "also": fix.outcome, "code": fix.code} for fix in stack.fixes
        ],
        "says": (failure.says or "") if failure else "",
        "columns": list(titles()),
        "rows": _rows(stack),
        **_chosen_layer(stack, chosen),
    }


def _findings(stack: Stack) -> list[Finding]:
    found: list[Finding] = [
        {"severity": one.severity.value, "text": str(one)} for one in stack.diagnosis.findings
    ]
    found += [{"severity": "note", "text": text} for text in stack.diagnosis.input_texts()]
    found += [{"severity": "note", "text": text} for text in stack.source_texts()]
    found += [{"severity": "silent", "text": one.sentence} for one in stack.not_read]
    return found


def _rows(stack: Stack) -> list[StackRow]:
    found = lines(stack.rows, stack.walk.failure, stack.layers_after, MOST_ROWS)
    return [
        {
            "index": int(line.cells[0]) if line.cells[0] else None,
            "cells": list(line.cells),
            "note": line.note,
            "fails": line.is_failure,
        }
        for line in found
    ]


def _chosen_layer(stack: Stack, chosen: int | None) -> ChosenLayer:
    entry = entry_of(stack, chosen)
    if entry is None:
        return {"chosen": None, "chosenLabel": "", "layerText": "", "line": ""}
    label = layer_label(entry.index, entry.layer, entry.name, len(entry.input_size))
    return {
        "chosen": entry.index,
        "chosenLabel": label,
        "layerText": repr(bare(entry.layer)),
        "line": _line_of(stack, entry),
    }


def first_to_look_at(stack: Stack) -> int | None:
    """Return the layer that fails, else the last one with windows, else the last one."""
    if stack.walk.failure is not None:
        return stack.walk.failure.index
    with_windows = [row.index for row in stack.rows if row.window is not None]
    if with_windows:
        return with_windows[-1]
    return len(stack.rows) - 1 if stack.rows else None


def _line_of(stack: Stack, entry: Row | Failure) -> str:
    """Return the line of the layer in the code that the stack was read from."""
    line = stack.source.lines.get(entry.path) if stack.source is not None else None
    return "" if line is None else say("control.line", line=line)


def _level(stack: Stack) -> str:
    failure = stack.walk.failure
    if failure is None:
        return "ok" if stack.ok else "silent"
    return "silent" if failure.problem.is_silent else "error"


def shown_below(stack: Stack, chosen: int | None) -> tuple[Trace | None, str]:
    """Return what an explorer shows of the chosen layer, and the name of the note about it."""
    entry = entry_of(stack, chosen)
    if entry is None:
        return None, ""
    layer = bare(entry.layer)
    if isinstance(layer, Conv | DepthwiseConv | ConvTranspose):
        return _convolution(stack, layer, entry)
    traced = entry.problem.trace if isinstance(entry, Failure) else entry.trace
    if traced is None:
        return None, NO_MAP if isinstance(layer, Pool | FittedPool) else NO_WINDOW
    return traced, ""


def _convolution(
    stack: Stack, layer: Convolution, entry: Row | Failure
) -> tuple[Trace | None, str]:
    """Return a convolution on its input in the stack, under the rules of the stack."""
    count = len(entry.input_size)
    if has_open(entry.input_shape) or not count or layer.ndim not in (None, 1, count):
        return None, NO_MAP
    channels = stack.network.config.flow(entry.input_shape).channels
    layer = replace(layer, framework=stack.framework)
    return trace_convolution(layer, entry.input_size, max(1, channels)), ""


def in_stack(changed: object, old: Layer) -> Layer:
    """Return a layer that was changed in an explorer as the stack holds it: with its name."""
    layer = bare(old)
    if isinstance(changed, Conv | DepthwiseConv | ConvTranspose):
        name = getattr(layer, "name", None)
        changed = replace(changed, framework=getattr(layer, "framework", "pytorch"), name=name)
    assert isinstance(changed, Layer)
    return changed
