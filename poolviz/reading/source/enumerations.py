"""Enumerations of the text, as `class Format(str, Enum)`: members, and how they are looked up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from poolviz.reading.source.values import (
    NOT_KNOWN,
    Args,
    Function,
    Library,
    Unknown,
    UserClass,
    Value,
)

_BASES = ("Enum", "IntEnum", "StrEnum")
# Which members are texts or numbers, too. Those of `Flag` stay what they are assigned.
_TEXTS = ("str", "StrEnum")
_NUMBERS = ("int", "IntEnum")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an enumeration, equal to no other value."""

    kind: UserClass
    name: str
    value: Value = field(compare=False)


class TextMember(str):
    """A member that is a text, too: the same object wherever the text names it."""

    name: str


class NumberMember(int):
    """A member that is an integer, too."""

    name: str


def is_enumeration(kind: UserClass) -> bool:
    """Return whether a class of the text is an enumeration."""
    return bool(_last_names(kind) & {*_BASES})


def make_members(kind: UserClass) -> None:
    """Replace the values of an enumeration by its members; equal values are one member."""
    bases = _last_names(kind)
    members: list[tuple[Value, Value]] = []
    for name, value in kind.names.items():
        if name.startswith("_") or isinstance(value, Function | UserClass):
            continue
        is_open = isinstance(value, Unknown)  # two values of `auto()` differ
        same = [made for given, made in members if not is_open and given == value]
        member = same[0] if same else None
        if member is None:
            member = _member(kind, name, value, bases)
            members.append((value, member))
        kind.names[name] = member


def member_of(kind: UserClass, args: Args, line: int) -> Value:
    """Return the member with a value; unknown where it may be another one, or Python raises."""
    for member in kind.names.values():
        if isinstance(member, Member | TextMember | NumberMember) and len(args) == 1:
            value = member.value if isinstance(member, Member) else member
            if isinstance(value, Unknown) or isinstance(args[0], Unknown):
                break
            if args[0] in (member, value):
                return member
    return Unknown(NOT_KNOWN, line)


def is_own(member: Member | TextMember | NumberMember, name: str) -> bool:
    """Return whether a member has an attribute other than those of a text or an integer."""
    plain = str if isinstance(member, TextMember) else int
    return isinstance(member, Member) or not hasattr(plain, name)


def attribute_of(member: Member | TextMember | NumberMember, name: str, line: int) -> Value:
    """Return the name or the value of a member; what its class defines besides is not known."""
    if name == "name":
        return member.name
    if name == "value":
        if isinstance(member, Member):
            return member.value
        return str.__str__(member) if isinstance(member, TextMember) else int(member)
    return Unknown(NOT_KNOWN, line)


def _member(kind: UserClass, name: str, value: Value, bases: set[str]) -> Any:
    """Return a member; what compares in another way stays the value that is assigned."""
    if bases & {*_TEXTS} and isinstance(value, str):
        text = TextMember(value)
        text.name = name
        return text
    if bases & {*_NUMBERS} and isinstance(value, int):
        number = NumberMember(value)
        number.name = name
        return number
    is_plain = bases <= {"Enum", "object"} and kind.find("__eq__") is None
    return Member(kind, name, value) if is_plain else value


def _last_names(kind: UserClass) -> set[str]:
    """Return the names of the library's classes that a class inherits from."""
    return {base.last for one in kind.family for base in one.bases if isinstance(base, Library)}
