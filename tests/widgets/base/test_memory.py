"""Memory that widgets use and leave behind, in a separate real kernel.

A kernel is a fresh process; the widgets' messages go out over its comms as in a notebook. Its
resident size is the whole of it: interpreter, ipykernel, numpy, matplotlib and the widgets.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

pytestmark = [
    pytest.mark.release,
    pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="/proc says how much memory a process has"
    ),
]
PATIENCE = 300  # seconds that anything may take on a busy machine
MOST_WITH_20_EXPLORERS = 250  # MB, DESIGN's budget

TOOLS = """
import copy, gc, itertools, json, weakref
from collections import Counter
import comm
from ipywidgets.widgets.widget import _instances as widgets
from matplotlib.figure import Figure
import poolviz as pv

TENSORFLOW = "Negative dimension size caused by subtracting 2 from 1 for 'pool1/MaxPool'"

def resident():
    (line,) = [line for line in open("/proc/self/status") if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024

def observers(widget):
    return sum(len(found) for kinds in widget._trait_notifiers.values() for found in kinds.values())

def counted():
    gc.collect()
    return {
        "figures": sum(isinstance(thing, Figure) for thing in gc.get_objects()),
        "widgets": len(widgets),
        "comms": len(comm.get_comm_manager().comms),
        "observers": sum(map(observers, widgets.values())),
    }

numbers = itertools.count()
def asked(widget, **content):
    widget.set_state({"asked": {**content, "n": next(numbers)}})

KINDS = 7 * 5 * 3
def changed(widget, i):
    '''As the browser's slider does it: one of `KINDS` layers, of which many do not fit.'''
    settings = copy.deepcopy(widget.state["settings"])
    settings["kernel_size"] = [1 + i % 7, 1 + i % 5]
    settings["dilation"] = [1 + i % 3] * 2
    asked(widget, settings=settings)
    assert widget.state["problem"] == "", widget.state["problem"]
"""


class Kernel:
    """A kernel that runs code and says what its last line printed, as JSON."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def run(self, code: str) -> Any:
        printed: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        answer = self._client.execute_interactive(code, output_hook=hear, timeout=PATIENCE)
        content = answer["content"]
        assert content["status"] == "ok", "\n".join(content.get("traceback", ()))
        return json.loads("".join(printed).splitlines()[-1]) if printed else None


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    manager = KernelManager()
    manager.start_kernel(stderr=-3)  # not the tests' own
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        kernel = Kernel(client)
        kernel.run(TOOLS)
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_twenty_explorers_are_light(kernel: Kernel) -> None:
    """Each is displayed and changed once. The first test of this module: the kernel is fresh."""
    size = kernel.run(
        """
explorers = [pv.PoolExplorer(10, 1 + i) for i in range(20)]
for i, explorer in enumerate(explorers):
    display(explorer)
    changed(explorer, i)
print(json.dumps(resident()))
"""
    )

    assert size <= MOST_WITH_20_EXPLORERS


def test_hundreds_of_changes_leave_nothing(kernel: Kernel) -> None:
    """No figure, widget, comm or observer more; no kind of object, and no memory, that adds up.

    Small blocks are counted to the last one; what is large (a picture is 20 kB) would be seen in
    the size of the process.
    """
    found = kernel.run(
        """
import sys
explorer = pv.PoolExplorer(6, 3)
def look():
    counts = counted()
    kinds = Counter(type(thing).__qualname__ for thing in gc.get_objects())
    return counts, kinds, sys.getallocatedblocks(), resident()
for i in range(2 * KINDS):  # until everything that is remembered is
    changed(explorer, i)
counts, kinds, blocks, size = look()
for i in range(4 * KINDS):
    changed(explorer, i)
counts_after, kinds_after, blocks_after, size_after = look()
print(json.dumps({
    "counts": [counts, counts_after],
    "more": {name: n for name, n in (kinds_after - kinds).items() if n >= 50},
    "blocks": blocks_after - blocks,
    "resident": size_after - size,
}))
"""
    )

    before, after = found["counts"]
    assert before == after
    assert found["more"] == {}
    assert found["blocks"] < 420
    assert found["resident"] < 5


WIDGETS = {
    "PoolExplorer": ("pv.PoolExplorer(10, 15)", "asked(w, action={'name': 'fix', 'value': 0})"),
    "StackExplorer": (
        "pv.StackExplorer(pv.Stack([pv.Pool(2)] * 3, (5, 12, 1), framework='keras'))",
        "asked(w.view, action={'name': 'fix', 'value': 0})",
    ),
    "StackExplorer on a layer without windows": (
        "pv.StackExplorer(pv.Stack([pv.Pool(2), pv.Flatten()], (5, 12, 1), framework='keras'))",
        "w.chosen = 0; w.chosen = 1",
    ),
    "ErrorDecoder": (
        "pv.ErrorDecoder(TENSORFLOW)",
        "w.open_explorer(); w.text += ' '; w.view.is_open = False; w.open_explorer()",
    ),
    "SizeMap": ("pv.SizeMap(10, 3)", "asked(w.view, action={'name': 'cell', 'value': [2, 3]})"),
    "FrameworkComparison": ("pv.FrameworkComparison(10, 15)", "changed(w.explorer, 3)"),
    "SizeMap beside an explorer": (
        "pv.SizeMap(explorer=explorers[0])",
        "asked(w.view, action={'name': 'cell', 'value': [2, 3]})",
    ),
}


@pytest.mark.parametrize("name", WIDGETS)
def test_close_frees_a_widget_and_what_is_in_it(kernel: Kernel, name: str) -> None:
    """ipywidgets keeps what is open for ever, and of a closed one the layout: that is its own."""
    make, use = WIDGETS[name]
    found = kernel.run(
        f"""
import ipywidgets
from poolviz.widgets.base.shared_code import SharedCode
def parts(w):
    kept = (ipywidgets.Layout, SharedCode)  # SharedCode: one for all widgets of a kind
    return {{one for one in widgets.values() if not isinstance(one, kept)}}
gc.collect()
before, figures = parts(None), counted()["figures"]
w = {make}
display(w)
{use}
made = [weakref.ref(one) for one in parts(w) - before]
w.close()
w.close()  # a second time does no harm
left = [type(one).__name__ for one in parts(w) - before]
before = None
del w
figures = counted()["figures"] - figures
print(json.dumps({{
    "made": len(made),
    "open": left,
    "alive": [type(ref()).__name__ for ref in made if ref() is not None],
    "figures": figures,
}}))
"""
    )

    assert found["made"] >= 1
    assert found["open"] == []
    assert found["alive"] == []
    assert found["figures"] == 0


def test_an_explorer_that_is_shown_elsewhere_stays(kernel: Kernel) -> None:
    """A map beside it was closed: it lives, works, and has as many observers as before."""
    found = kernel.run(
        """
explorer = pv.PoolExplorer(10, 3)
before = observers(explorer)
pv.SizeMap(explorer=explorer).close()
changed(explorer, 3)
print(json.dumps([before, observers(explorer), explorer.comm is not None]))
"""
    )

    before, after, is_open = found
    assert before == after
    assert is_open


def test_opening_again_and_again_leaves_one_explorer(kernel: Kernel) -> None:
    """The decoder's explorer ends when it is closed, and when another text comes."""
    found = kernel.run(
        """
decoder = pv.ErrorDecoder(TENSORFLOW)
decoder.open_explorer()
before = counted()
for i in range(20):
    decoder.view.is_open = False
    decoder.open_explorer()
    decoder.text = decoder.text.replace("pool", "pool_")
after = counted()
print(json.dumps([{name: after[name] - n for name, n in before.items()}, repr(decoder.explorer)]))
"""
    )

    more, shown = found
    assert shown.startswith("LayerExplorer(MaxPool")
    assert more["figures"] == 0
    # Of each of the forty that were closed the layout, which ipywidgets keeps.
    assert more["widgets"] == more["comms"] == 40
