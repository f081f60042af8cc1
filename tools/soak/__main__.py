"""Operate all widgets at random in a real JupyterLab, for a given time.

    python -m tools.soak --minutes 60 --seed 1 [--to tools/soak/RESULTS.md]

Ends with 1 if anything went wrong. The same seed does the same things as long as the widgets
answer in the same order.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.browser.support.lab import chromium

from .driver import soak
from .report import report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--to", type=Path)
    parser.add_argument("--pictures", type=Path, help="folder for pictures of the page's problems")
    options = parser.parse_args()
    seconds = 60 * options.minutes
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        diary = soak(browser, Path(folder), seconds, options.seed, options.pictures)
    text = report(diary)
    print(text, end="")
    if options.to:
        options.to.write_text(text, encoding="utf-8")
    return 1 if diary.problems else 0


if __name__ == "__main__":
    sys.exit(main())
