"""`docs/api.md`: every public name, from its signature and its docstring."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import poolviz as pv
from poolviz.exercises import library

GROUPS = {
    "One layer": (
        "Pool trace Trace output_size diagnose Diagnosis PoolShapeError "
        "pool pool_indices pool_gradient draw"
    ),
    "Frameworks": "FRAMEWORKS compare convert Conversion",
    "Messages, code and models": (
        "decode Message check explain watch unwatch "
        "read_code read_model Source NotRead NoModel InputShapeNeeded"
    ),
    "Networks": (
        "Stack Conv DepthwiseConv ConvTranspose AdaptivePool GlobalPool Linear Flatten ZeroPad "
        "Crop Upsample Concatenate Add Identity Same Reshape Permute AxisMap "
        "Axis Combine Combination Named"
    ),
    "Exercises": "list_exercises exercises exercise Exercise Feedback",
    "Widgets": ("PoolExplorer StackExplorer FrameworkComparison SizeMap ErrorDecoder ExerciseCard"),
}
INTRODUCTION = """# Reference

Every public name of poolviz, written by `tools/write_docs.py` from the docstrings. The examples
run in the tests, after `from poolviz import *`.

Sizes are in elements. Spatial axes come in the order depth, height, width. `(*spatial)` is the
shape of one map, `(N, C, *spatial)` of a batch with its channels first.
"""


def groups() -> dict[str, list[str]]:
    """Return the names by their group; those that are in none come last."""
    grouped = {title: names.split() for title, names in GROUPS.items()}
    listed = {name for names in grouped.values() for name in names}
    others = [name for name in pv.__all__ if name not in listed]
    return {**grouped, "More": others} if others else grouped


def documented(name: str) -> Any:
    """Return the object whose signature and docstring describe the name."""
    return library.exercises if name == "exercises" else getattr(pv, name)


def sections(text: str) -> dict[str, str]:
    """Return the parts of a docstring by their headings; what comes first is under ""."""
    parts = re.split(r"^(\w+)\n-{3,}\n", text, flags=re.MULTILINE)
    found = {"": parts[0].strip()}
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        found[heading] = body.strip("\n").rstrip()
    return found


def docstring(thing: Any) -> dict[str, str]:
    """The sections of an object's docstring; an example needs no heading."""
    found = sections(inspect.getdoc(thing) or "")
    for heading, text in found.items():
        if heading != "Examples" and ">>>" in text:
            before, mark, example = text.partition(">>>")
            return {**found, heading: before.rstrip(), "Examples": mark + example}
    return found


def entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield the terms of a section with the text below each."""
    for entry in re.split(r"\n(?=\S)", text):
        term, _, body = entry.partition("\n")
        yield term, " ".join(body.split())


def signature(name: str) -> str:
    """Return the signature without types; "" for anything but a Python callable."""
    thing = documented(name)
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return name
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in found.parameters.values()
    ]
    bare = found.replace(parameters=plain, return_annotation=inspect.Signature.empty)
    return f"{name}{bare}"


_FOR_POOLVIZ = {  # public for other modules of poolviz; of no use to a user
    *("observe_internal", "unobserve_internal", "set_state"),
    *("entries_text", "windows_along", "network", "walk", "source_texts", "layers_after"),
}


def members(thing: Any) -> Iterator[tuple[str, str]]:
    """Public properties and methods that poolviz defines, with the first line about each."""
    if not inspect.isclass(thing):
        return
    for base in thing.__mro__:
        if not base.__module__.startswith("poolviz"):
            continue
        for name, value in vars(base).items():
            if name in _FOR_POOLVIZ:
                continue
            is_member = isinstance(value, property) or callable(value) or hasattr(value, "func")
            said = inspect.getdoc(value)
            if is_member and said and not name.startswith("_") and not inspect.isclass(value):
                yield f"{name}()" if inspect.isfunction(value) else name, said.split("\n\n")[0]


def page() -> str:
    """Return the whole text."""
    parts = [INTRODUCTION]
    anchors = _anchors()
    for title, names in groups().items():
        links = " · ".join(f"[{name}](#{anchors[name]})" for name in names)
        parts.append(f"## {title}\n\n{links}\n")
        parts += [_framework_table() if name == "FRAMEWORKS" else entry(name) for name in names]
    return "\n".join(parts)


def _anchors() -> dict[str, str]:
    """GitHub writes headings small and counts equal ones: `pool` comes after `Pool`."""
    found: dict[str, str] = {}
    for name in (name for names in groups().values() for name in names):
        before = sum(name.lower() == other.lower() for other in found)
        found[name] = f"{name.lower()}-{before}" if before else name.lower()
    return found


def entry(name: str) -> str:
    """One name."""
    thing = documented(name)
    if inspect.isclass(thing) and thing.__name__ != name:
        link = f"[{thing.__name__}](#{thing.__name__.lower()})"
        return f"### {name}\n\nEarlier name of {link}; both are the same class.\n"
    said = docstring(thing)
    lines = [f"### {name}", "", "```python", signature(name), "```", "", _marked(said.pop(""))]
    examples = said.pop("Examples", "")
    for heading, text in said.items():
        lines += ["", f"**{heading}**", ""]
        if heading == "Notes":
            lines.append(_marked(text))
            continue
        lines += [f"* {_terms(term)}: {_marked(body)}" for term, body in entries(text)]
    more = dict(members(thing))
    listed = {word for word in said.get("Attributes", "").split() if word in more}
    told = [f"* `{word}`: {_marked(' '.join(text.split()))}" for word, text in more.items()]
    if told and set(more) - listed:
        lines += ["", "**Also**", "", *told]
    if examples:
        lines += ["", "```pycon", inspect.cleandoc(examples), "```"]
    return "\n".join([*lines, ""])


def _framework_table() -> str:
    rows = [
        f"| `{name}` | {rules.title} {rules.version} | {rules.source} |"
        for name, rules in pv.FRAMEWORKS.items()
    ]
    lines = [
        "### FRAMEWORKS",
        "",
        "The rules of each framework by its name: a read-only mapping. Each was derived from "
        "recorded runs of the version that is named, and is compared with them in the tests.",
        "",
        "| name | version | what was run |",
        "|---|---|---|",
        *rows,
        "",
        "```pycon",
        ">>> import poolviz as pv",
        '>>> pv.FRAMEWORKS["keras"].vocabulary["kernel_size"]',
        f"{pv.FRAMEWORKS['keras'].vocabulary['kernel_size']!r}",
        "```",
        "",
    ]
    return "\n".join(lines)


def _terms(text: str) -> str:
    return ", ".join(f"`{term}`" for term in re.split(r", ", text.partition(" : ")[0]))


def _marked(text: str) -> str:
    """reStructuredText's code as Markdown's; stars in a signature are stars."""
    return re.sub(r"``(.+?)``", r"`\1`", text)
