"""Some minutes of a reader without a plan, when asked for; `python -m tests.soak` takes an hour.

POOLVIZ_SOAK_MINUTES=2 asks for it. How far a seed comes depends on the machine, and what it still
finds is not mended in passing: it must not stop what has nothing to do with it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

MINUTES = float(os.environ.get("POOLVIZ_SOAK_MINUTES", "0"))
SEED = int(os.environ.get("POOLVIZ_SOAK_SEED", "1"))


pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(MINUTES == 0, reason="POOLVIZ_SOAK_MINUTES says how long"),
]


def test_a_reader_without_a_plan(tmp_path: Path) -> None:
    """Console and log stay empty, and the page is right whenever it is looked at."""
    from tests.soak.driver import soak
    from tests.soak.report import ENOUGH_MINUTES, is_flat

    diary = soak(tmp_path, 60 * MINUTES, SEED)

    assert diary.problems == []
    assert diary.checks > 0
    assert diary.actions >= 5 * diary.checks - 5
    assert MINUTES < ENOUGH_MINUTES or is_flat(diary)
