"""What an error means, without tensors, frames or models."""

from __future__ import annotations

from dataclasses import dataclass

from poolviz.diagnosis.network.stack import Stack
from poolviz.failures.made_at import CodePlace
from poolviz.i18n.catalogue import say
from poolviz.reading.messages import Message


@dataclass(frozen=True)
class FoundFailure:
    """What an error means: the stack of its model, or the reading of its message.

    Attributes
    ----------
    answer
        `Stack` or `Message`.
    layer
        The failing layer in the user's code (`model.features[6]`); "" where it is not known.
    made_at
        The line where that layer was made; None where it is not known.
    text
        The message of the error, where no model was read.
    arrived
        What a model got and what it takes, where its layers cannot be read; "" otherwise.
    helps
        Fixes of the message, where the stack has none; "" otherwise.
    """

    answer: Stack | Message
    layer: str = ""
    made_at: CodePlace | None = None
    text: str = ""
    arrived: str = ""
    helps: str = ""

    def sentence(self, place: str = "") -> str:
        """Say where the failing layer was made, or what arrived, and what helps; "" for nothing."""
        said = self.arrived
        if self.made_at is not None:
            place = place or f"{self.made_at.file}:{self.made_at.line}"
            said = say("traced.made_at", layer=self.layer, place=place)
        return "\n".join(line for line in (said, self.helps) if line)


def helps_of(message: Message) -> str:
    """Return the fixes of a message in one sentence, each with its code."""
    told = [f"{words}: {code}" if code else words for words, code in message.fixes]
    return say("reading.help.possible", fixes="; ".join(told)) if told else ""
