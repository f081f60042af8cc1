"""Work for the time in which a kernel has nothing else to do."""

from __future__ import annotations

import logging
import sys
from collections import deque
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

_LOG = logging.getLogger(__name__)

Job = Callable[[], None]


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that delivered the present message; None outside of one."""
    # Where nobody imported asyncio there is no loop, and importing it costs a script tens of ms.
    if "asyncio" not in sys.modules:
        return None
    try:
        return sys.modules["asyncio"].get_running_loop()
    except RuntimeError:
        return None


class IdleWork:
    """Jobs that run one at a time, between the messages of the browser.

    After each job the event loop is left alone for so long that all jobs together take at most
    `share` of the time. A message that arrives meanwhile waits for one job at most.
    """

    def __init__(self, share: float) -> None:
        self._rest = 1 / share - 1  # for each second of work
        self._waiting: deque[Job] = deque()
        self._is_scheduled = False

    def replace(self, jobs: Iterable[Job]) -> None:
        """Forget what is waiting, and do these jobs in order; nothing without an event loop."""
        self._waiting = deque(jobs)
        loop = running_loop()
        if loop is not None and self._waiting and not self._is_scheduled:
            self._is_scheduled = True
            loop.call_soon(self._work, loop)

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_scheduled = False
        if not self._waiting:
            return
        start = perf_counter()
        try:
            self._waiting.popleft()()
        except Exception:
            # No control has requested it yet; the request itself will report the error.
            _LOG.exception("an answer could not be computed ahead")
        if self._waiting:
            self._is_scheduled = True
            loop.call_later((perf_counter() - start) * self._rest, self._work, loop)


class Delayed:
    """A call that is made once it has not been requested again for a while."""

    def __init__(self, seconds: float, call: Job) -> None:
        self._seconds = seconds
        self._call = call
        self._latest = 0

    def request(self) -> bool:
        """Make the call later; return False where there is no event loop to wait in."""
        loop = running_loop()
        if loop is None:
            return False
        self._latest += 1
        loop.call_later(self._seconds, self._call_if_latest, self._latest)
        return True

    def _call_if_latest(self, number: int) -> None:
        if number == self._latest:
            self._call()
