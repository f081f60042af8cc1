"""Names of the frameworks, in the order in which they are listed everywhere, and their versions.

A framework is added here by its name: `arithmetic.frameworks.<name>` holds its rules. A name may
have a version, as in a requirements file: "keras==3.14", or as people write it: "keras 3.14".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

COMPARED = ("pytorch", "tensorflow", "keras", "jax", "onnxruntime")  # side by side, in exercises
FRAMEWORK_NAMES = (*COMPARED, "mlx")
COURSES = ("pytorch", "keras")  # a course can be held in one of these: see `use`
_SHORT = {  # of the same versions
    "torch": "pytorch",
    "torch.nn": "pytorch",
    "pt": "pytorch",
    "tf": "tensorflow",
    "tf.nn": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "ort": "onnxruntime",
    "onnxruntime-gpu": "onnxruntime",
    "tf.keras": "keras",  # Keras 3 since TensorFlow 2.16
    "tensorflow.keras": "keras",
    "keras.layers": "keras",
}
# Flax and ONNX count their own versions: "flax==0.12" must not be read as a version of JAX.
_OTHERS = {"flax": "jax", "flax.linen": "jax", "onnx": "onnxruntime"}
FORMULA = "formula"  # rules of a window in a convolution, no framework: see `frameworks.formula`
_SIGN = "=="
_NAMES = {**dict.fromkeys(FRAMEWORK_NAMES), **_SHORT, **_OTHERS}
_NAMED = re.compile(
    rf"({'|'.join(map(re.escape, sorted(_NAMES, key=len, reverse=True)))})"
    r"(?:$|(?=[\d<>~!≥≤])|[-_:=@(\s]+)(?:version\s*|v(?=\d))?(.*?)\)?"
)
_NEWEST = ("latest", "newest", "current", "stable")
# 2.4.1+cu121 and 2.4.1.post2 are builds of 2.4.1; 2.x and 2.* are 2.
_VERSION = re.compile(
    r"(\d{1,4}(?:\.\d{1,4}){0,2})(?:\.[x*])*(?:\.?post\d+)?(?:\+\w[\w.]*)?", re.ASCII
)
_RANGE = re.compile(r"[<>~!≥≤,]|\d\s*\+$|\b(?:or|and|newer|later|older)\b")


class Edition(NamedTuple):
    """Versions of a framework with the same rules, from the first to the last that were run."""

    first: tuple[int, ...]
    last: tuple[int, ...]

    def holds(self, version: tuple[int, ...]) -> bool:
        """Return whether these rules apply to a version, which may have fewer numbers.

        >>> Edition((3, 0), (3, 14)).holds((3, 14, 1)), Edition((3, 0), (3, 14)).holds((3, 15))
        (True, False)
        """
        first, last = version[: len(self.first)], version[: len(self.last)]
        return self.first[: len(first)] <= first and last <= self.last[: len(last)]

    @property
    def newest(self) -> str:
        """Last version, as text."""
        return ".".join(map(str, self.last))

    def __str__(self) -> str:
        """3.0–3.14, or 3.15 for a single version."""
        oldest = ".".join(map(str, self.first))
        return oldest if self.first == self.last else f"{oldest}–{self.newest}"


# The newest first. The rules of the others are `EARLIER` in the module of the framework, in this
# order. `tools.versions` ran them: `tests/data/versions.json.gz`.
EDITIONS: dict[str, tuple[Edition, ...]] = {
    "pytorch": (
        Edition((2, 3), (2, 13)),
        Edition((2, 1), (2, 2)),
        Edition((1, 13), (2, 0)),
    ),
    "tensorflow": (Edition((2, 15), (2, 21)),),
    "keras": (
        Edition((3, 15), (3, 15)),
        Edition((3, 14), (3, 14)),
        Edition((3, 13), (3, 13)),
        Edition((3, 11), (3, 12)),
        Edition((3, 0), (3, 10)),
        Edition((2, 15), (2, 15)),
    ),
    "jax": (Edition((0, 4, 26), (0, 10)),),
    "onnxruntime": (
        Edition((1, 30), (1, 32)),
        Edition((1, 29), (1, 29)),
        Edition((1, 28), (1, 28)),
        Edition((1, 27), (1, 27)),
        Edition((1, 25), (1, 26)),
        Edition((1, 21), (1, 24)),
        Edition((1, 20), (1, 20)),
        Edition((1, 16), (1, 19)),
    ),
    "mlx": (Edition((0, 32), (0, 32)),),
}


def family(framework: str) -> str:
    """Return the name without its version.

    >>> family("keras==3.14"), family("keras")
    ('keras', 'keras')
    """
    return framework.partition(_SIGN)[0]


def version_of(framework: str) -> str | None:
    """Return the version in a name; None for the newest."""
    return framework.partition(_SIGN)[2] or None


def edition_of(framework: str) -> Edition:
    """Return the versions with the rules of this one.

    >>> str(edition_of("keras==3.10")), str(edition_of("keras"))
    ('3.0–3.10', '3.15')
    """
    editions, version = EDITIONS[family(framework)], version_of(framework)
    if version is None:
        return editions[0]
    return next(each for each in editions if each.holds(_numbers(version)))


def editions(framework: str) -> tuple[str, ...]:
    """Return a name for each edition, the newest first; `framework` stands for the one it is in.

    >>> editions("keras==3.10")
    ('keras', 'keras==3.14', 'keras==3.13', 'keras==3.12', 'keras==3.10', 'keras==2.15')
    """
    name, own = family(framework), edition_of(framework)
    older = (f"{name}{_SIGN}{each.newest}" for each in EDITIONS[name][1:])
    return tuple(
        framework if each == own else key
        for key, each in zip((name, *older), EDITIONS[name], strict=True)
    )


@lru_cache(maxsize=256)
def known_framework(name: str) -> str | None:
    """Return a name as it is kept, the newest version without its number; None for other texts.

    Raises
    ------
    ValueError
        For a version that was never run, and for a range of versions.

    Examples
    --------
    >>> known_framework("Keras 3.14"), known_framework("tf2.15"), known_framework("caffe")
    ('keras==3.14', 'tensorflow==2.15', None)
    >>> known_framework("torch==2.4.1+cu121"), known_framework("PyTorch latest")
    ('pytorch==2.4.1', 'pytorch')
    """
    lower = name.strip().lower()
    if lower in FRAMEWORK_NAMES:
        return lower
    found = _NAMED.fullmatch(lower)
    if found is None:
        return None
    given, rest = found[1], found[2]
    family_name = _NAMES[given] or given
    if rest in _NEWEST or lower == given:
        return family_name
    if _RANGE.search(rest):
        raise ValueError(
            f'"{name.strip()}" is a range: name one version, such as '
            f'"{family_name}=={_one_in(family_name, rest)}", or none for the newest'
        )
    version = _VERSION.fullmatch(rest)
    if version is None and any(map(str.isdecimal, rest)):  # 2.6.0.dev20250101, 3.14 beta
        raise ValueError(
            f"version {rest} of {family_name} was never run; these were: {_run(family_name)}"
        )
    if version is None:
        return None
    if given in _OTHERS:
        raise ValueError(
            f"{given} {rest} is no version of {family_name}, of which these were run: "
            f"{_run(family_name)}"
        )
    return _in_edition(family_name, version[1])


def _in_edition(family_name: str, version: str) -> str:
    """Return the name with its version, without it if its rules are the newest ones of all."""
    known, number = EDITIONS[family_name], _numbers(version)
    if not any(each.holds(number) for each in known):
        raise ValueError(
            f"version {version} of {family_name} was never run; these were: {_run(family_name)}"
        )
    # The newest version has one spelling, without a number: equal layers have to compare equal.
    newest = known[0].last
    is_newest = number[: len(newest)] == newest[: len(number)]
    return family_name if is_newest else f"{family_name}{_SIGN}{version}"


def _one_in(family_name: str, given: str) -> str:
    """Return a version in a range: one of its numbers, the newest before it, or the newest."""
    known = EDITIONS[family_name]
    for number in re.findall(r"(?:[>~<=]=|^)\s*(\d+(?:\.\d+)*)", given):
        if any(each.holds(_numbers(number)) for each in known):
            return str(number)
    before = re.search(r"<\s*(\d+(?:\.\d+)*)", given)
    older = [one for one in known if before is None or one.last < _numbers(before[1])]
    return (older or known)[0].newest


def _run(family_name: str) -> str:
    return ", ".join(map(str, reversed(EDITIONS[family_name])))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
