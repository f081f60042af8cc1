"""Pytest plugin, the first to be loaded: spares every process what none of them needs.

A run starts about a hundred processes: workers, kernels, servers, command lines.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

# jsonschema, and with it all of Jupyter, imports rfc3987_syntax where it finds it: a second and
# more for a grammar of addresses that no notebook has. It does without where the import fails.
LEAN = str(Path(__file__).parent / "lean")

sys.path.insert(0, LEAN)
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [LEAN, os.environ.get("PYTHONPATH")]))

# Containers often set this. Each kernel would compile poolviz again, each worker all tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
