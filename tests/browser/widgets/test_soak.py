"""Six seconds of a user without a plan; `python -m tools.soak` takes an hour.

Each day has another seed: see tests/support/sampling.py. POOLVIZ_SOAK_MINUTES sets another time, 0
skips it. The number of steps in that time depends on the machine.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.sampling import SEED

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MINUTES = float(os.environ.get("POOLVIZ_SOAK_MINUTES", "0.1"))

pytestmark = [
    pytest.mark.browser,
    pytest.mark.release,
    pytest.mark.skipif(MINUTES == 0, reason="POOLVIZ_SOAK_MINUTES is 0"),
]


def test_a_reader_without_a_plan(browser: Browser, tmp_path: Path) -> None:
    """Console and log stay empty, and the page is right whenever it is looked at."""
    from tools.soak.driver import soak
    from tools.soak.report import ENOUGH_MINUTES, is_flat

    diary = soak(browser, tmp_path, 60 * MINUTES, SEED)

    assert diary.problems == [], f"POOLVIZ_SEED={SEED}"
    assert diary.checks > 0
    assert diary.actions >= 5 * diary.checks - 5
    assert MINUTES < ENOUGH_MINUTES or (is_flat(diary.resident) and is_flat(diary.heap))
