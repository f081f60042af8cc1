"""Two minutes of a reader without a plan; `python -m tests.soak` takes an hour.

POOLVIZ_SOAK_MINUTES asks for more, or with 0 for none. How far a seed comes in that time depends on
the machine.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

MINUTES = float(os.environ.get("POOLVIZ_SOAK_MINUTES", "2"))
SEED = int(os.environ.get("POOLVIZ_SOAK_SEED", "1"))


pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(MINUTES == 0, reason="POOLVIZ_SOAK_MINUTES is 0"),
]


def test_a_reader_without_a_plan(tmp_path: Path) -> None:
    """Console and log stay empty, and the page is right whenever it is looked at."""
    from tests.soak.driver import soak
    from tests.soak.report import ENOUGH_MINUTES, is_flat

    diary = soak(tmp_path, 60 * MINUTES, SEED)

    assert diary.problems == []
    assert diary.checks > 0
    assert diary.actions >= 5 * diary.checks - 5
    assert MINUTES < ENOUGH_MINUTES or (is_flat(diary.resident) and is_flat(diary.heap))
