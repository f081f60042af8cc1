"""`python -m tools.screens` takes the pictures of docs/screens; `--check DIR` compares new ones.

Pictures that differ are written into DIR. Names of widgets take only theirs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.browser.support.lab import chromium, fresh_page
from tools.screens.host import HostPage
from tools.screens.pictures import SHOTS, WIDGETS, difference, scaled, store, taken


def main(arguments: list[str] | None = None) -> int:
    """Take or compare the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tools.screens", description=__doc__)
    parser.add_argument("widgets", nargs="*", metavar="WIDGET", help="all if left out")
    parser.add_argument("--check", metavar="DIR", type=Path, help="compare; write what differs")
    given = parser.parse_args(arguments)
    shots = [shot for shot in SHOTS if shot.widget in (given.widgets or WIDGETS)]
    failed = 0
    with (
        tempfile.TemporaryDirectory() as scratch,
        chromium() as browser,
        fresh_page(browser, bypass_csp=True) as page,
    ):
        for shot, picture in taken(HostPage(page), shots, Path(scratch)):
            if given.check is None:
                store(shot, picture)
                continue
            found = difference(Image.open(shot.path), scaled(shot, picture))
            if found.is_large:
                given.check.mkdir(parents=True, exist_ok=True)
                scaled(shot, picture).save(given.check / shot.path.name)
                print(f"{shot.path.name}: {found}")
                failed += 1
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
