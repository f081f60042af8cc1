"""A printed module of PyTorch → the code that makes it, line by line.

`print(model)` shows every module with its arguments, but not `forward`: only of a `Sequential` is
the order certain. Each module inside another class is assigned to its own name.
"""

from __future__ import annotations

import re

_ENTRY = re.compile(r"(\s*)(?:\((\w+)\): )?([A-Z]\w*)\((.*)$")  # (conv1): Conv2d(3, 8, …)
# (0-5): 6 x EncoderLayer(
_REPEATED = re.compile(r"(\s*)\((\d+)-(\d+)\): (\d+) x ([A-Z]\w*)\((.*)$")
# padding=same, which PyTorch prints without quotes
_WORD = re.compile(r"(\w+=)([a-z][a-z_]*)(?=[,)]|$)")
_LISTS = ("Sequential", "ModuleList")


def written_out(lines: list[str]) -> list[str] | None:
    """Return the code of a printed module; None for any other text. Line numbers stay.

    >>> written_out(["(pool): MaxPool2d(kernel_size=2, stride=2, padding=0)"])
    ['pool = nn.MaxPool2d(kernel_size=2, stride=2, padding=0)']
    >>> for line in written_out(["Sequential(", "  (0): Conv2d(3, 6, padding=same)", ")"]) or ():
    ...     print(line)
    nn.Sequential(
      nn.Conv2d(3, 6, padding="same"),
    )
    """
    filled = [line for line in lines if line.strip()]
    if not filled or not any(re.match(r"\s*\([\w-]+\): ", line) for line in filled):
        return None
    found: list[str] = []
    open_lists: list[bool] = []  # whether the modules that are open are lists
    for line in lines:
        code = _written(line, open_lists)
        if code is None:
            return None
        found.append(code)
    return None if open_lists else found


def _written(line: str, open_lists: list[bool]) -> str | None:
    """Return the code of one line; None where it is none of a printed module."""
    if not line.strip():
        return line
    is_inside = bool(open_lists) and open_lists[-1]
    if line.strip() == ")":
        if not open_lists:
            return None
        was_list = open_lists.pop()
        end = ")," if open_lists and open_lists[-1] else ")"
        return re.sub(r"\)$", end, line.rstrip()) if was_list else ""
    times = 1
    if repeated := _REPEATED.match(line):
        indent, first, last, _, kind, rest = repeated.groups()
        name, times = f"_{first}", int(last) - int(first) + 1
    elif entry := _ENTRY.match(line):
        indent, name, kind, rest = entry.groups()
    else:
        return None
    if rest.strip() == "":  # its modules follow
        if times > 1 or (is_inside and kind not in _LISTS):
            return None
        open_lists.append(kind in _LISTS)
        if kind not in _LISTS:
            return ""
        made = f"nn.{kind}("
    elif rest.rstrip().endswith(")"):
        rest = _WORD.sub(_quoted, rest.rstrip()[:-1])
        made = f"nn.{kind}({rest})"
    else:
        return None
    if is_inside:
        many = ", ".join([made] * times)
        return f"{indent}{many}" + ("," if not made.endswith("(") else "")
    if name is None:
        return made
    return f"{f'_{name}' if name.isdigit() else name} = {made}"


def _quoted(found: re.Match[str]) -> str:
    return f'{found[1]}"{found[2]}"'
