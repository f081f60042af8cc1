"""Files that are never partially written."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Collection
from pathlib import Path

from poolviz.diagnosis.phrases import joined

Target = str | os.PathLike[str]


def target_of(path: Target, suffixes: Collection[str]) -> Path:
    """Return the path of the file to write, with links resolved.

    Raises
    ------
    TypeError
        If `path` is not a path.
    ValueError
        For a suffix that is not in `suffixes`.
    OSError
        For a missing folder, for a path that is a folder, and for a file that is read-only.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a str or a Path, got {type(path).__name__}")
    target = at_home(path)
    if not isinstance(os.fspath(target), str) or "\0" in os.fspath(target):
        raise ValueError(f"path is no name of a file: {path!r}")
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a folder: give the name of a file in it")
    if target.suffix.lower() not in suffixes:
        known = joined(sorted(suffixes))
        got = f"ends with {target.suffix!r}" if target.suffix else "has no suffix"
        raise ValueError(
            f"the name of the file says what is written, {known}; {target.name!r} {got}"
        )
    real = Path(os.path.realpath(target))  # through a link, as every program writes
    if not real.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {target.parent}: make it first")
    if real.exists() and not real.is_file():
        raise OSError(f"{target} is there and no ordinary file: give another name")
    if real.exists() and not _is_writable(real):
        raise PermissionError(f"{target} is read-only: give another name, or make it writable")
    return real


def at_home(path: Target) -> Path:
    """Expand "~" to the home folder; a name that only begins with it is kept.

    >>> at_home("~draft of a plot.png").name
    '~draft of a plot.png'
    """
    return Path(os.path.expanduser(path))


def _is_writable(path: Path) -> bool:
    """Respect a read-only flag, also as superuser, for whom `os.access` is always true."""
    return bool(path.stat().st_mode & 0o222) and os.access(path, os.W_OK)


def write_whole(target: Path, content: bytes) -> None:
    """Write to a temporary file, then rename it: a partial file is never visible.

    Raises
    ------
    OSError
        Of the same class as the cause, with the name of the file. An existing file is unchanged.
    """
    # A name may have 255 bytes, and a character up to four of them.
    # In the same folder, because a rename is atomic within one file system only.
    beside = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Otherwise the new file would have the permissions of a temporary one.
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o7777)
        beside.replace(target)
    except OSError as wrong:
        reason = wrong.strerror or str(wrong)
        message = f"{target} could not be written: {reason}. Nothing was changed"
        raise type(wrong)(wrong.errno, message) from wrong
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
