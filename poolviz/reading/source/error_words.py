"""What an exception of Python says, without our own classes in it."""

from __future__ import annotations

import re

from poolviz.diagnosis.network.source import words_of
from poolviz.i18n.phrase import Words
from poolviz.reading.source.values import NOT_KNOWN

_OWN_WORDS = (
    "Unknown Library OpenShape SymbolicTensor Instance LayerObject FunctionalModel Chain Function "
    "UserClass Bound Partial Parent Batch EllipsisType"
)
_OWN = re.compile(rf"\b({'|'.join(_OWN_WORDS.split())})\b")


def words_from(error: BaseException) -> Words:
    """Return the message of an exception of Python; "unknown" where it names our classes.

    >>> print(words_from(ValueError("bad")), words_from(TypeError("no len() of 'Library'")))
    bad unknown
    """
    words = words_of(error)
    if isinstance(error, KeyError) or (isinstance(words, str) and _OWN.search(words)):
        return NOT_KNOWN
    return words
