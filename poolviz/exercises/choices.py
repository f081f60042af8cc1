"""Answers that are chosen: one of several options, or all that apply."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from poolviz.exercises.answers import Unreadable, entries, is_nothing, one_number, tidy
from poolviz.exercises.catalogue import Catalogue, Field
from poolviz.exercises.forms import Form, marked_of_set, share_of_set

LETTERS = "abcdefgh"


@dataclass(frozen=True)
class Option:
    """One answer to choose: its key, its text, and other names for it."""

    key: str
    text: Field
    aliases: tuple[str, ...] = field(default=())


Value = TypeVar("Value")


@dataclass(frozen=True)
class Options(Form[Value]):
    """Options to choose from, each by its text, its key, a synonym, or its letter."""

    options: tuple[Option, ...]

    def option(self, answer: object, texts: Catalogue) -> Option:
        """Return the option that an answer names."""
        if is_nothing(answer):
            raise Unreadable("empty")
        given = _normal(answer)
        for names in (self._names, self._letters):
            for i, option in enumerate(self.options):
                if given in names(i, option, texts):
                    return option
        raise Unreadable("unreadable")

    def _names(self, i: int, option: Option, texts: Catalogue) -> set[str]:
        synonyms = texts.word_list(f"synonym.{option.key}")
        return {
            _normal(t) for t in (option.key, self.text(option, texts), *option.aliases, *synonyms)
        }

    def _letters(self, i: int, option: Option, texts: Catalogue) -> set[str]:
        return {LETTERS[i]}

    def text(self, option: Option, texts: Catalogue) -> str:
        """Return an option as the student reads it."""
        return texts.shown(option.text)

    def texts(self, texts: Catalogue) -> tuple[str, ...]:
        """Return all options, in order."""
        return tuple(self.text(option, texts) for option in self.options)

    def by_key(self, key: str) -> Option:
        """Return the option with a key."""
        return next(option for option in self.options if option.key == key)


def _normal(answer: object) -> str:
    """Return the same text for all ways to write an answer: "0 × 14", (0, 14) and "0x14"."""
    plain = entries(answer)
    if isinstance(plain, list):
        return "x".join(str(one_number(entry)) for entry in plain)
    if not isinstance(plain, str):
        return str(one_number(plain))
    text = re.sub(r"(?<=\d)\s*[x×*,]\s*(?=[\d-])", "x", tidy(plain))
    return re.sub(r"[\s\"'`(){}\[\].:;!?_-]+", " ", text).strip()


@dataclass(frozen=True)
class Choice(Options[str]):
    """One of several options."""

    name: ClassVar[str] = "choice"

    def read(self, answer: object, texts: Catalogue) -> str:
        return self.option(answer, texts).key

    def wanted(self, texts: Catalogue) -> str:
        return texts.say("form.choice")

    def plain(self, value: str, texts: Catalogue) -> str:
        return self.text(self.by_key(value), texts)

    def shown(self, value: str, texts: Catalogue) -> str:
        return self.text(self.by_key(value), texts)


Keys = frozenset[str]


@dataclass(frozen=True)
class Several(Options[Keys]):
    """All options that apply: any number of them, also none."""

    name: ClassVar[str] = "several"

    def read(self, answer: object, texts: Catalogue) -> Keys:
        if is_nothing(answer):
            raise Unreadable("empty")
        plain = entries(answer)
        if isinstance(plain, str):
            if tidy(plain) in texts.word_list("answer.none"):
                return frozenset()
            if tidy(plain) in texts.word_list("answer.all"):
                return frozenset(option.key for option in self.options)
            also = re.escape(texts.word("and"))
            plain = [part for part in re.split(rf"[,;&+\n]|\s{also}\s", plain) if part.strip()]
        if not isinstance(plain, list):
            plain = [plain]
        return frozenset(self.option(entry, texts).key for entry in plain)

    def share(self, value: Keys, right: Keys) -> float:
        return share_of_set(value, right, len(self.options))

    def marked(self, value: Keys, right: Keys) -> dict[str, int]:
        return marked_of_set(value, right)

    def wanted(self, texts: Catalogue) -> str:
        return texts.say("form.several")

    def plain(self, value: Keys, texts: Catalogue) -> tuple[str, ...]:
        return tuple(self.text(option, texts) for option in self.options if option.key in value)

    def shown(self, value: Keys, texts: Catalogue) -> str:
        return texts.listed(list(self.plain(value, texts))) or texts.word("none")
