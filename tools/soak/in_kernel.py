"""In the kernel: the widgets by name, their state in Python, the log and the memory."""

from __future__ import annotations

import json
import logging
from typing import Any

from poolviz.widgets.base.widget import synchronized
from poolviz.widgets.decoder.view import DecoderView
from poolviz.widgets.exercise.widget import ExerciseCard
from poolviz.widgets.explorer.widget import PoolExplorer
from poolviz.widgets.size_map.view import ChartView
from poolviz.widgets.stack.view import StackView

_KEPT: dict[str, Any] = {}
_LOGGED: list[str] = []


class _Keeper(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _LOGGED.append(self.format(record))


logging.getLogger("poolviz").addHandler(_Keeper(logging.WARNING))
logging.getLogger("py.warnings").addHandler(_Keeper(logging.WARNING))
logging.captureWarnings(True)


def kept(name: str, widget: Any) -> Any:
    """Register the widget under a name and return it."""
    _KEPT[name] = widget
    return widget


@synchronized
def told() -> str:
    """Return all that is compared with the page, as JSON; no change is half done meanwhile."""
    return json.dumps(
        {
            "widgets": {name: [_facts(view) for view in _views(w)] for name, w in _KEPT.items()},
            "logged": _LOGGED,
            "resident": _resident(),
        }
    )


def _views(widget: Any) -> list[Any]:
    """Return the parts of a widget that are placed separately on the page, from top to bottom."""
    if not hasattr(widget, "children"):
        return [widget]
    return [view for child in widget.children for view in _views(child)]


def _facts(view: Any) -> dict[str, Any]:
    """Return the state that determines a view; `repr` of a layer can be evaluated."""
    # Until the controls rest, the page shows what was computed ahead: newer than picture and state.
    is_due = isinstance(view, PoolExplorer) and view._is_due
    facts = {
        "kind": type(view).__name__,
        "seq": None if is_due else view.state["seq"],
        "problem": view.state["problem"],
    }
    if isinstance(view, PoolExplorer):
        spec = view.spec  # read once: another thread may change it
        facts |= {"layer": repr(spec.layer), "input_size": spec.input_size, "show": spec.show}
        facts |= {"channels": spec.convolution and spec.convolution.channels}
        facts |= {"trait": view.input_size}
    elif isinstance(view, StackView):
        stack = view.stack
        facts |= {"layers": repr(stack.layers), "input_shape": stack.input_shape}
        facts |= {"framework": stack.framework, "data_format": stack.data_format}
    elif isinstance(view, DecoderView):
        facts |= {"text": view.text, "input_shape": view.input_shape}
    elif isinstance(view, ChartView):
        traced = view.traced
        facts |= {"layer": repr(traced.layer), "input_size": traced.input_size}
        facts |= {"over": (view.axis, view.x, view.y)}
    elif isinstance(view, ExerciseCard):
        item = view.session.item
        facts |= {"id": item.exercise.id, "seed": item.exercise.seed, "answer": item.answer}
        facts |= {"place": view.session.place, "is_answered": item.feedback is not None}
    return facts


def _resident() -> float:
    """Resident memory of the kernel's process in MB."""
    with open("/proc/self/status") as status:
        (line,) = [line for line in status if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024
