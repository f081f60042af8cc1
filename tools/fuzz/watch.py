"""Runs inputs one after the other and keeps undocumented exceptions and times."""

from __future__ import annotations

import heapq
import time
import traceback
from dataclasses import dataclass, field

from .targets import ROOT, Target

MOST_SLOW = 20  # inputs that are tried again without the fuzzer's instruments
MOST_FINDINGS = 20


@dataclass
class Fault:
    """A line that raised an undocumented exception, and the shortest input for it."""

    what: str
    where: str
    data: bytes
    count: int = 1


@dataclass
class Watch:
    """Runs a target; a fault does not end it."""

    target: Target
    runs: int = 0
    seconds: float = 0.0
    faults: dict[str, Fault] = field(default_factory=dict)
    slow: list[tuple[float, bytes]] = field(default_factory=list)

    def __call__(self, data: bytes) -> None:
        start = time.thread_time()
        try:
            self.target.run(data)
        except Exception as wrong:
            self._note(wrong, data)
        took = time.thread_time() - start
        self.runs += 1
        self.seconds += took
        keep = heapq.heappush if len(self.slow) < MOST_SLOW else heapq.heappushpop
        keep(self.slow, (took, data))

    def _note(self, wrong: Exception, data: bytes) -> None:
        cause = wrong.__cause__ or wrong
        where = _place(cause)
        known = self.faults.get(where)
        if known is None and len(self.faults) < MOST_FINDINGS:
            self.faults[where] = Fault(f"{type(cause).__name__}: {cause}"[:200], where, data)
        elif known is not None:
            known.count += 1
            known.data = min(known.data, data, key=len)


def _place(wrong: BaseException) -> str:
    """Return the innermost line of poolviz in the traceback."""
    frames = traceback.extract_tb(wrong.__traceback__)
    own = [frame for frame in frames if "/poolviz/" in frame.filename.replace(str(ROOT), "")]
    last = (own or frames)[-1]
    return f"{last.filename.replace(str(ROOT), '').lstrip('/')}:{last.lineno}"


def milliseconds(target: Target, data: bytes, rounds: int = 3) -> float:
    """CPU time of one input, the minimum of a few rounds, because load only adds time."""
    took = []
    for _ in range(rounds):
        watch = Watch(target)
        watch(data)
        took.append(watch.seconds)
    return 1e3 * min(took)
