"""A log without a message of ours, full of the words that messages are looked for by."""

from __future__ import annotations

from random import Random

_WORDS = (
    *("kernel", "padding", "stride", "Invalid", "Calculated", "Input", "Concatenate", "smaller"),
    *("half", "size", "incompatible", "ksize", "(subtracting)", "Check failed:", "expected", "got"),
    *("shape", "is", "mat1", "channels"),
)


def long_log(signs: int) -> str:
    """Whole lines, about so many characters together; no two of them have the same words."""
    draw = Random(0)
    lines: list[str] = []
    length = 0
    while length < signs:
        words = " ".join(draw.choices(_WORDS, k=12))
        lines.append(f"2026-01-02 03:04:{len(lines) % 50 + 10} W op_kernel.cc:1745] {words}\n")
        length += len(lines[-1])
    return "".join(lines[:-1])
