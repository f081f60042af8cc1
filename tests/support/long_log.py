"""A log without a message of ours, full of the words that messages are looked for by."""

from __future__ import annotations

_LINE = (
    "2026-01-02 03:04:05 W op_kernel.cc:1745] Kernel padding stride Invalid Calculated Input "
    "Concatenate smaller half Check failed: kernel size (subtracting) is incompatible ksize\n"
)


def long_log(signs: int) -> str:
    """Whole lines, about so many characters together."""
    return _LINE * (signs // len(_LINE))
