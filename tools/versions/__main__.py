"""Record what versions of a framework give, and put the answers together.

FOLDER/bin/python -m tools.versions sizes|layers|values ask FRAMEWORK ANSWERS/NAME.json
python -m tools.versions sizes|layers|values write ANSWERS/*.json
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

from tools.versions import common


def main(kind: str, verb: str, *arguments: str) -> None:
    """Run one of the verbs; a recorder is loaded on its own: another may need what is not there."""
    recorder = import_module(f"tools.versions.{kind}")
    if verb == "serve":
        recorder.serve(*arguments)
    elif verb == "ask":
        api, output = arguments
        special = {"layers": "ask_layers", "model": "ask_model"}
        ask = getattr(recorder, special[api]) if api in special else lambda: recorder.ask(api)
        Path(output).write_text(json.dumps(ask()))
    else:
        answers = [json.loads(Path(name).read_text()) for name in arguments]
        common.write(recorder.FILE, recorder.content(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
