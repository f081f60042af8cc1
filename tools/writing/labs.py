"""Write the labs for students: the solutions of `docs/teaching/labs` without their repairs.

    python -m tools.writing.labs

A repair is between `# BEGIN SOLUTION` and `# END SOLUTION`. Cells before the first one are stored
as they ran in the solution. From there on, outputs and execution counts are left out: students run
them.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = ROOT / "docs" / "teaching" / "labs"
LABS = ROOT / "notebooks" / "labs"
REPAIR = re.compile(r"^( *)# BEGIN SOLUTION\n.*?# END SOLUTION\n?", re.DOTALL | re.MULTILINE)
TASK = r'\1raise NotImplementedError("write your repair here")\n'


def for_students(solved: dict[str, Any]) -> dict[str, Any]:
    """Return a lab without its repairs; from the first one on, no cell has run."""
    lab = copy.deepcopy(solved)
    is_open = False
    for cell in lab["cells"]:
        source, repairs = REPAIR.subn(TASK, "".join(cell["source"]))
        cell["source"] = source.rstrip("\n").splitlines(keepends=True)
        is_open = is_open or repairs > 0
        if cell["cell_type"] == "code" and is_open:
            cell["outputs"], cell["execution_count"] = [], None
    return lab


def contents() -> dict[Path, str]:
    """Return each lab for students with its text."""
    return {
        LABS / path.name: json.dumps(
            for_students(json.loads(path.read_text(encoding="utf-8"))),
            ensure_ascii=False,
            indent=1,
            sort_keys=True,
        )
        + "\n"
        for path in sorted(SOLUTIONS.glob("*.ipynb"))
    }


def main() -> None:
    for path, text in contents().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"{path.name}: written")


if __name__ == "__main__":
    main()
