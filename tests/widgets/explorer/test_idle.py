"""Work for a kernel that is idle: its share of the time, and calls that wait for a rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from poolviz.widgets.explorer.ahead import idle
from poolviz.widgets.explorer.ahead.idle import Delayed, IdleWork


class _Loop:
    """An event loop whose clock only work moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waiting: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []

    def call_soon(self, call: Callable[..., None], *args: Any) -> None:
        self.call_later(0, call, *args)

    def call_later(self, delay: float, call: Callable[..., None], *args: Any) -> None:
        self.waiting.append((self.now + delay, call, args))

    def run(self) -> None:
        while self.waiting:
            at, call, args = self.waiting.pop(0)
            self.now = max(self.now, at)
            call(*args)


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> _Loop:
    found = _Loop()
    monkeypatch.setattr(idle, "running_loop", lambda: found)
    monkeypatch.setattr(idle, "perf_counter", lambda: found.now)
    return found


def test_work_takes_its_share_of_the_time(loop: _Loop) -> None:
    done = []

    def work(seconds: float) -> None:
        loop.now += seconds
        done.append(seconds)

    IdleWork(0.3).replace([lambda s=s: work(s) for s in (0.01, 0.2, 0.002, 0.03, 0.01)])
    loop.run()

    assert len(done) == 5
    assert sum(done) / (loop.now + done[-1] * (1 / 0.3 - 1)) == pytest.approx(0.3)


def test_work_that_fails_is_logged_and_the_rest_is_done(
    loop: _Loop, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[int] = []
    IdleWork(0.5).replace([lambda: [].pop(), lambda: done.append(1)])
    loop.run()

    assert done == [1]
    assert "IndexError" in caplog.text


def test_a_delayed_call_is_made_once(loop: _Loop) -> None:
    done: list[int] = []
    call = Delayed(1, lambda: done.append(1))
    assert call.request()
    assert call.request()
    loop.run()
    assert done == [1]
