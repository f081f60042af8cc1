"""Pasted texts, made readable: colours, quote marks, log prefixes, full-width signs, escapes."""

from __future__ import annotations

import re
from html import unescape

from poolviz.i18n.sanitize import writable

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)|[ -/]{0,2}[0-~])?"
)
# What is left of a colour where the escape character itself was lost.
_LOST_ESCAPES = re.compile(r"\[(?:[013]|[01];3[0-7]|3[0-7](?:;1)?|1;3[0-7])m")
_QUOTED_LINE = re.compile(r"(?m)^[ \t]{0,8}(?:[>|│┃❱][ \t]?){1,4}")
_QUOTE_MARKS = ("\n>", "\n│", "\n|", "\n┃", "\n❱")
_INVISIBLE = ("\x00", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad")
_HTML_SIGNS = ("&#", "&quot;", "&gt;", "&lt;", "&amp;", "&times;")
_JSON_SIGNS = ('\\"', "\\u")
_UNICODE = re.compile(r"\\u(?!d[89a-f])([0-9a-f]{4})", re.I)
# A full-width "（512x1x1）", as Chinese and Japanese input methods and translators write it.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x3001: ", ",
    0x3002: ". ",
    0x3010: "[",
    0x3011: "]",
}
_HAS_FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000-\u3002\u3010\u3011]")

# --- log prefixes --------------------------------------------------------------------------------

_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_DATE = r"[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}[0-9]{1,2}"
_LEVEL = r"(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL|TRACE|STDERR|STDOUT)"
_PROCESS = r"(?:rank|default|worker|stderr|stdout|pid|node|local_rank)[ =:]?[0-9]{0,9}"
_PART = (
    rf"(?:\[?(?:{_DATE}[T ]{{1,2}}{_CLOCK}|{_DATE}|(?:{_MONTH} )?{_CLOCK})\]?[:,]?(?![\w×])"
    rf"|\[?(?i:{_LEVEL})(?![\w])\]?:?"
    rf"|\[(?i:{_PROCESS})\]:?"
    r"|\([^()\n]{0,60}pid=[0-9]{1,9}[^()\n]{0,60}\)"
    r"|\[?[\w./-]{1,80}\.(?:py|cc|cpp):[0-9]{1,6}\]?:?"
    r"|[IWEF][0-9]{4,8}(?= )"
    r"|E(?= {2,8})"
    r"|[-–—|:](?= ))"
)
_NAME = r"(?:[\w.-]{1,60}[ \t]{0,4}[-|:](?=[ \t]|[A-Z]))"  # of a logger, behind a time or a level
_LOG_PREFIX = re.compile(
    rf"(?m)^[ \t]{{0,8}}{_PART}[ \t]{{0,8}}"
    rf"(?:(?:{_PART}|{_NAME}(?=[ \t]{{0,4}}{_LEVEL}))[ \t]{{0,8}}){{0,6}}"
)


def cleaned(text: str) -> str:
    """Return a pasted text without what a terminal, a mail or a log adds to a message.

    >>> cleaned("E   Given input size: （4x1x1）.\\nE   Calculated \\x1b[31moutput")
    'Given input size: (4x1x1).\\nCalculated output'
    """
    text = writable(text)
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    if "m" in text and "[0m" in text:
        text = _LOST_ESCAPES.sub("", text)
    for character in _INVISIBLE:
        text = text.replace(character, "")
    if any(sign in text for sign in _HTML_SIGNS):
        text = unescape(text)
    if any(sign in text for sign in _JSON_SIGNS):
        text = _UNICODE.sub(lambda found: chr(int(found[1], 16)), text.replace('\\"', '"'))
    if not text.isascii() and _HAS_FULL_WIDTH.search(text):
        text = text.translate(_FULL_WIDTH)
    if any(mark in text for mark in _QUOTE_MARKS):
        text = _QUOTED_LINE.sub("", text)
    if "\n" in text:
        text = _LOG_PREFIX.sub("", text)
    return text
