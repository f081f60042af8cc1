"""Answers that are chosen: one of several options, or all that apply."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from poolviz.exercises.answers.catalogue import Catalogue, Field
from poolviz.exercises.answers.forms import Form, SetForm
from poolviz.exercises.answers.notation import Unreadable, plain_words, tidy
from poolviz.exercises.answers.values import entries, is_nothing, one_number

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
        # The letter that is shown comes first: "b" is also a name of the batch axis.
        found = self._lettered(given, texts) or self._named(given, texts)
        found = found or self._counted(given, texts) or self._framed(given, texts)
        if found is None:
            raise Unreadable("unreadable")
        return found

    def _named(self, given: str, texts: Catalogue) -> Option | None:
        return next((one for one in self.options if given in self._names(one, texts)), None)

    def _lettered(self, given: str, texts: Catalogue) -> Option | None:
        """Return the option of a letter: "b", "I think option b" or "b) width"."""
        said = [word for word in given.split(" ") if word not in texts.noise("answer.option")]
        if len(said) == 1 and said[0] in self._letters:
            return self.options[LETTERS.index(said[0])]
        # "b) height" is read only if b is height; otherwise letter and name contradict each other.
        letter, _, rest = given.partition(" ")
        is_both = letter in self._letters and rest in self._names(
            self.options[LETTERS.index(letter)], texts
        )
        return self.options[LETTERS.index(letter)] if is_both else None

    def _counted(self, given: str, texts: Catalogue) -> Option | None:
        """Return the option of "the third one", "option 3" or "the last"."""
        found = [word for word in given.split(" ") if word not in texts.noise("answer.option")]
        if len(found) != 1 or (found[0] == given and given.isdecimal()):
            return None
        if found[0] in texts.word_list("answer.last"):
            return self.options[-1]
        ordinals = texts.word_list("answer.ordinals")
        numbers = [*map(str, range(1, 9)), *ordinals]
        place = numbers.index(found[0]) % 8 if found[0] in numbers else len(self.options)
        return self.options[place] if place < len(self.options) else None

    def _framed(self, given: str, texts: Catalogue) -> Option | None:
        """Return the only option with the same words apart from "the", "it returns" and the like.

        Of a line of code, a part that is in no other line is enough: "padding=2".
        """
        opinion = texts.word_list("answer.opinion")
        if named := self._named(" ".join(w for w in given.split() if w not in opinion), texts):
            return named
        frame = texts.noise("answer.frame")
        said = _core(given, frame)
        if len(said) < 2 or said.isdecimal():  # "a b" are two letters, "axis 1" is not option 1
            return None
        cores = {
            option.key: {_core(name, frame) for name in self._names(option, texts)} - {""}
            for option in self.options
        }
        found = [one for one in self.options if said in cores[one.key]]
        if not found and len(said) > 3:
            code = [one for one in self.options if "(" in self.text(one, texts)]
            found = [
                one
                for one in code
                if re.search(rf"(?<!\w){re.escape(said)}(?!\w)", " ".join(cores[one.key]))
            ]
        return found[0] if len(found) == 1 else None

    def _names(self, option: Option, texts: Catalogue) -> set[str]:
        synonyms = texts.word_list(f"synonym.{option.key}")
        names = (option.key, self.text(option, texts), *option.aliases, *synonyms)
        return set(map(_normal, names))

    @property
    def _letters(self) -> Sequence[str]:
        return tuple(LETTERS[: len(self.options)])

    def text(self, option: Option, texts: Catalogue) -> str:
        """Return an option as the student reads it."""
        return texts.shown(option.text)

    def texts(self, texts: Catalogue) -> tuple[str, ...]:
        """Return all options, in order."""
        return tuple(self.text(option, texts) for option in self.options)

    def by_key(self, key: str) -> Option:
        """Return the option with a key."""
        return next(option for option in self.options if option.key == key)


_MINUS = re.compile(r"(?<![\w)])-(?=\d)")  # -1 × -1 is not 1 × 1; plain words have no dash


def _normal(answer: object) -> str:
    """Return the same text for all ways to write an answer: "0 × 14", (0, 14) and "0x14"."""
    plain = entries(answer)
    if isinstance(plain, list):
        return "x".join(str(one_number(entry)) for entry in plain)
    if not isinstance(plain, str):
        return str(one_number(plain))
    text = re.sub(r"(?<=\d)\s*(?:[x×*,]|by|mal)\s*(?=[\d-])", "x", tidy(plain))
    return plain_words(_MINUS.sub("¬", text))


def _core(text: str, frame: Sequence[str]) -> str:
    """Return the words that distinguish options: "the pool 4 layer" is "pool4"."""
    words = [word for word in re.sub(r"[=<>]", " ", text).split() if word not in frame]
    return re.sub(r"(?<=[^\W\d])\s+(?=\d+$)", "", " ".join(words))


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
_BULLET = re.compile(r"^\s*[-*•]\s+", re.MULTILINE)


@dataclass(frozen=True)
class Several(Options[Keys], SetForm[str]):
    """All options that apply: any number of them, also none."""

    name: ClassVar[str] = "several"

    def read(self, answer: object, texts: Catalogue) -> Keys:
        if is_nothing(answer):
            raise Unreadable("empty")
        plain = entries(answer)
        if isinstance(plain, str):
            return self._from_text(plain_words(plain), plain, texts)
        listed = plain if isinstance(plain, list) else [plain]
        return frozenset(self.option(entry, texts).key for entry in listed)

    def _from_text(self, words: str, text: str, texts: Catalogue) -> Keys:
        everything = frozenset(option.key for option in self.options)
        if words in (*texts.word_list("answer.none"), plain_words(texts.word("none"))):
            return frozenset()
        if words in texts.word_list("answer.all"):
            return everything
        for start in texts.word_list("answer.except"):
            if words.startswith(f"{start} "):
                rest = text.casefold().replace(start, "", 1)
                return everything - self._keys_in(rest, texts)
        return self._keys_in(text, texts)

    def _keys_in(self, text: str, texts: Catalogue) -> Keys:
        also = "|".join(map(re.escape, texts.word_list("answer.also")))
        text = self._spelled_out(_BULLET.sub("", text), texts)
        parts = re.split(rf"[,;&+/|\n]|\b(?:{also})\b", text)
        return frozenset(
            key for part in parts if plain_words(part) for key in self._keys_of(part, texts)
        )

    def _spelled_out(self, text: str, texts: Catalogue) -> str:
        """Return a text with "a, b, c" for "a-c" or "a to c", and with "15, 16" for "15-16"."""

        def places(found: re.Match[str]) -> str:
            try:
                ends = [self.options.index(self.option(end, texts)) for end in found.group(1, 2)]
            except Unreadable:
                return found[0]
            return ", ".join(LETTERS[place] for place in range(ends[0], ends[1] + 1)) or found[0]

        to = "|".join(map(re.escape, texts.word_list("answer.range")))
        span = rf"(?<![\w-])([a-h]|\d+)\)?\s*(?:[-–—]|\b(?:{to})\b)\s*([a-h]|\d+)(?!\w|\s*-)"
        return tidy(re.sub(span, places, text.casefold()))

    def _keys_of(self, part: str, texts: Catalogue) -> Iterable[str]:
        """Return the options in a part without commas: one, several words, or letters together."""
        try:
            return [self.option(part, texts).key]
        except Unreadable:
            words = plain_words(part).split(" ")
            if len(words) > 1:
                frame = texts.noise("answer.frame")
                said = [word for word in words if len(word) == 1 or word not in frame]
                return [key for word in said for key in self._keys_of(word, texts)]
            if len(words[0]) < 2 or not set(words[0]) <= set(self._letters):
                raise
            return [self.options[LETTERS.index(letter)].key for letter in words[0]]

    @property
    def total(self) -> int:
        return len(self.options)

    def wanted(self, texts: Catalogue) -> str:
        return texts.say("form.several")

    def plain(self, value: Keys, texts: Catalogue) -> tuple[str, ...]:
        return tuple(self.text(option, texts) for option in self.options if option.key in value)

    def shown(self, value: Keys, texts: Catalogue) -> str:
        return texts.listed(list(self.plain(value, texts))) or texts.word("none")
