"""Pasted texts, made readable: colours, quote marks, log prefixes, full-width signs, escapes."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

from poolviz.i18n.sanitize import writable

# Of a terminal: colours and cursor (CSI), titles and links (OSC), and single letters.
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)|[ -/]{0,2}[0-~])?"
)
# What is left of a colour where the escape character itself was lost.
_LOST_ESCAPES = re.compile(r"\[(?:[013]|[01];3[0-7]|3[0-7](?:;1)?|1;3[0-7])m")
# Quotes of a mail, boxes of a terminal, comments of a program.
_QUOTED_LINE = re.compile(r"(?m)^[ \t]{0,16}(?:(?:[>|❱]|#{1,6}(?!\d)|//)[ \t]?){1,4}")
_QUOTE_MARKS = (">", "|", "❱", "#", "//")
# Of Markdown, around sizes. "**" comes first, because each call of Python passes "**kwargs".
_BOLD = re.compile(r"\*\*(?:(?<!\d\*\*)(?=[-\d(\[])|(?<=[\d)\]]\*\*)(?!\d))")
_INVISIBLE = ("\x00", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad")
_HTML_SIGNS = ("&#", "&quot;", "&gt;", "&lt;", "&amp;", "&times;")
_LISTED_LINES = re.compile(r'\\n",\s{0,40}"')  # a notebook keeps its output as a list of lines
# \u00d7 of JSON, but no half of a surrogate pair
_UNICODE = re.compile(r"\\u(?!d[89a-f])([0-9a-f]{4})", re.I)
# A full-width "（512x1x1）", as Chinese and Japanese input methods and translators write it, the
# quotation marks, blanks and signs of word processors and web pages, the lines of a terminal's box.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x3001: ", ",
    0x3002: ". ",
    0x3010: "[",
    0x3011: "]",
    0x00A0: " ",
    0x2018: "'",
    0x2019: "'",
    0x201C: '"',
    0x201D: '"',
    0x2212: "-",
    0x00D7: "x",
    0x2715: "x",
    0x2502: "|",
    0x2503: "|",
}
_HAS_FULL_WIDTH = re.compile(
    "[\uff01-\uff5e\u3000-\u3002\u3010\u3011\xa0\u2018-\u201d\u2212\xd7\u2715\u2502\u2503]"
)

# --- log prefixes --------------------------------------------------------------------------------

_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_DATE = r"[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}[0-9]{1,2}"
_LEVEL = r"(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL|TRACE|STDERR|STDOUT)"
_PROCESS = r"(?:rank|default|worker|stderr|stdout|pid|node|local_rank)[ =:]?[0-9]{0,9}"
# [2024-05-01T12:00:00,123], ERROR:, [rank0]:, (train pid=12), train.py:33:, I0501 of glog, "E  " of
# pytest, and what divides them.
_PART = (
    rf"(?:\[?(?:{_DATE}[T ]{{1,2}}{_CLOCK}|{_DATE}|(?:{_MONTH} )?{_CLOCK})\]?[:,]?(?![\w×])"
    rf"|\[?(?:{_LEVEL}|(?i:{_LEVEL})(?=[\]:]| {{1,6}}[-|:\[]| [FP] ))(?!\w)\]?:?(?: [FP](?= ))?"
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
    # An `in` before each expression: most texts need none of them, and a log can be megabytes long.
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    if "m" in text and "[0m" in text:
        text = _LOST_ESCAPES.sub("", text)
    for character in _INVISIBLE:
        text = text.replace(character, "")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "&" in text and any(sign in text for sign in _HTML_SIGNS):
        text = unescape(text)
    if "\\" in text:
        text = _UNICODE.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.replace('\\"', '"').replace("\\'", "'")
        text = _LISTED_LINES.sub("\n", text)
    if not text.isascii() and _HAS_FULL_WIDTH.search(text):
        text = text.translate(_FULL_WIDTH)
    if "**" in text:
        text = _BOLD.sub("", text)
    if "|\n" in text:
        text = "\n".join(line.rstrip(" \t|") for line in text.split("\n"))
    if "\n" in text:
        if any(mark in text for mark in _QUOTE_MARKS):
            text = _QUOTED_LINE.sub("", text)
        text = _LOG_PREFIX.sub("", text)
    return text


_DIGITS = re.compile("[0-9]+")
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|[ \t]+|[^\n]")
_ENDS_A_PREFIX = frozenset(":|])>-")


def has_prefixes(text: str) -> bool:
    """Return whether nearly all lines of a text begin like the line before, but for the numbers."""
    starts = [_DIGITS.sub("0", line[:12])[:3] for line in text.split("\n") if line]
    alike = sum(one == other for one, other in pairwise(starts))
    return len(starts) > 1 and alike >= 0.8 * (len(starts) - 1)


def without_prefixes(text: str) -> str:
    """Return a text without what its lines begin with, alike in neighbours but for the numbers.

    For logs whose prefix has no known form.

    >>> print(without_prefixes("web_1 | shapes cannot be\\nweb_2 | multiplied"))
    shapes cannot be
    multiplied
    """
    lines = [_TOKEN.findall(line) for line in text.split("\n")]
    shared = [0, *(_shared(*two) for two in pairwise(lines)), 0]
    counts = sorted(count for count in shared if count)
    most = counts[(len(counts) - 1) // 2] if counts else 0  # a message may repeat itself
    cut = [min(most, max(shared[i : i + 2])) for i in range(len(lines))]
    return "\n".join("".join(line[count:]) for line, count in zip(lines, cut, strict=True))


def _shared(one: list[str], other: list[str]) -> int:
    """Return how many tokens of a prefix two lines share, up to a blank or a sign."""
    kept = 0
    has_sign = False
    for count, (mine, its) in enumerate(zip(one, other, strict=False), 1):
        if mine != its and not (mine.isdigit() and its.isdigit()):
            break
        has_sign = has_sign or mine in _ENDS_A_PREFIX
        if has_sign and (mine in _ENDS_A_PREFIX or mine.isspace()):
            kept = count
    return kept


_BREAK = re.compile(r"[ \t]{0,80}\n[ \t]{0,80}")  # with the indentation around it


def joined_lines(text: str) -> str:
    """Return a text in one line, for messages that were broken inside of a shape."""
    return _BREAK.sub(" ", text)
