"""Zip files whose bytes depend on their content only."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can state


def zip_file(files: Mapping[str, bytes]) -> bytes:
    """Return a zip file of names and contents, in their order.

    >>> zip_file({"a": b"1"}) == zip_file({"a": b"1"})
    True
    """
    target = BytesIO()
    with ZipFile(target, "w") as package:
        for name, content in files.items():
            info = ZipInfo(name, _LONG_AGO)
            info.compress_type = ZIP_DEFLATED
            package.writestr(info, content)
    return target.getvalue()
