"""Cells of IPython with `%load_ext poolviz`; prints what each one wrote, and what was restored."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from types import ModuleType

from IPython.core.interactiveshell import InteractiveShell

CELLS = {
    "plain": "call(model, image())",
    "async": "async def go():\n    call(model, image())\nawait go()",
    "nested": "try:\n    call(model, image())\nexcept RuntimeError as e:\n"
    "    raise KeyError(1) from e",
    "thread": "from threading import Thread\nt = Thread(target=call, args=(model, image()))\n"
    "t.start()\nt.join()",
    "interrupt": "raise KeyboardInterrupt",
    "group": "try:\n    call(model, image())\nexcept RuntimeError as e:\n"
    "    raise ExceptionGroup('several', [e])",
    "syntax": "call(model",
    "other": "1 // 0",
}


def main() -> None:
    """Run the cells in a shell without widgets."""
    sys.modules["torch"] = ModuleType("torch")  # the frames are torch's
    shell = InteractiveShell.instance()
    before = _hooks(shell)
    shell.run_line_magic("load_ext", "poolviz")
    shell.run_cell("from tests.failures.stand_ins import call, image, network\nmodel = network()")
    said = {name: _written(shell, cell) for name, cell in CELLS.items()}
    shell.run_line_magic("unload_ext", "poolviz")
    said["unloaded"] = _written(shell, CELLS["plain"])
    print(json.dumps({"said": said, "is_restored": _hooks(shell) == before}))


def _hooks(shell: InteractiveShell) -> str:
    own = (shell.CustomTB, shell.custom_exceptions, shell.showtraceback)
    return repr((shell.events.callbacks, sys.excepthook, sys.displayhook, *own))


def _written(shell: InteractiveShell, cell: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as text:
        shell.run_cell(cell)
    return text.getvalue()


if __name__ == "__main__":
    main()
