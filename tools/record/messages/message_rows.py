"""Rows of recorded error messages: parameters, and the framework's words for them.

A row is [framework, version, scenario, parameters, type, message]. Each recorder runs its
frameworks, without poolviz.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.support.paths import DATA

Row = list[Any]

LONGEST = 4_000
_FOLDERS = re.compile(r"(?:/[\w.+-]+)+/(?=site-packages/|dist-packages/)")
_RECORDER = re.compile(r"(?:/[\w.+-]+)+/(?=tools/)")


def row(
    framework: str, version: str, scenario: str, parameters: dict[str, Any], call: Callable[[], Any]
) -> Row | None:
    """Run `call`; None where it does not raise."""
    try:
        call()
    except Exception as error:
        words = _RECORDER.sub("", _FOLDERS.sub("", str(error)))
        return [framework, version, scenario, parameters, type(error).__name__, words[-LONGEST:]]
    return None


def _zipped(lines: Iterable[str]) -> bytes:
    """gzip without the time of writing, so that the same lines give the same bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.writelines(f"{line}\n".encode() for line in lines)
    return buffer.getvalue()


def write(name: str, rows: Iterable[Row | None]) -> Path:
    """Write `tests/data/NAME.jsonl.gz` without the calls that did not raise; print the rest."""
    kept = [each for each in rows if each is not None]
    path = DATA / f"{name}.jsonl.gz"
    lines = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in kept)
    path.write_bytes(_zipped(lines))
    counts: dict[str, int] = {}
    for each in kept:
        key = f"{each[0]} {each[1]} {each[2]}"
        counts[key] = counts.get(key, 0) + 1
    for key, count in counts.items():
        print(f"{count:5} {key}")
    print(f"{path.name}: {path.stat().st_size:,} bytes")
    return path


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
