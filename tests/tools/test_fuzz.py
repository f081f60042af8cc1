"""Random inputs, the same in every run, and those that once were too much.

`python -m tools.fuzz.run all` tries a million more, guided by coverage.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.fuzz import run, targets, watch
from tools.fuzz.targets import TARGETS, Target

pytestmark = pytest.mark.long

KNOWN = dict(run.known())
EXAMPLES = {"widget": 40, "read_code": 80}
USUALLY = 250


def inputs(target: Target) -> st.SearchStrategy[bytes]:
    """Any bytes, and what people write with a few places changed."""
    anything = st.binary(max_size=300)
    seeds = target.seeds()
    if not seeds:
        return anything
    change = st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=12))
    changed = st.builds(_changed, st.sampled_from(seeds), st.lists(change, max_size=4))
    return st.one_of(changed, anything)


def _changed(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for where, length, new in changes:
        place = int(where * len(data))
        data = data[:place] + new + data[place + length :]
    return data[: targets.MOST_BYTES]


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_what_is_documented_comes_out(name: str) -> None:
    target = TARGETS[name]

    @settings(
        max_examples=EXAMPLES.get(name, USUALLY),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    @given(inputs(target))
    def nothing_else_comes_out(data: bytes) -> None:
        target.run(data)

    nothing_else_comes_out()


@pytest.mark.parametrize("name", KNOWN)
def test_what_was_found_stays_mended(name: str) -> None:
    TARGETS[KNOWN[name]["target"]].run((run.CORPUS / name).read_bytes())


def test_every_input_of_the_corpus_is_told_about() -> None:
    files = {path.name for path in run.CORPUS.iterdir()} - {"faults.toml"}

    assert files == set(KNOWN)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_get_somewhere(name: str) -> None:
    """What people write is taken, not refused: else a fuzzer would start from nothing."""
    taken = 0
    for data in TARGETS[name].seeds()[:40]:
        try:
            TARGETS[name].try_out(data)
            taken += 1
        except targets.DOCUMENTED:
            pass

    assert taken >= len(TARGETS[name].seeds()[:40]) // 2


# --- the watch itself ----------------------------------------------------------------------------


def _broken(data: bytes) -> None:
    if data.startswith(b"?"):
        raise IndexError("out of range")
    if data.startswith(b"!"):
        with targets.certain():
            raise ValueError("of poolviz")
    raise ValueError("of the caller")


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"?", "IndexError: out of range"), (b"!", "ValueError: of poolviz"), (b"x", None)],
)
def test_the_watch_sees_what_must_not_come_out(data: bytes, what: str | None) -> None:
    seen = watch.Watch(Target("broken", _broken))
    seen(data + b" and more")
    seen(data)
    faults = [(fault.what, fault.data, fault.count) for fault in seen.faults.values()]

    assert seen.runs == 2
    assert faults == ([] if what is None else [(what, data, 2)])


def test_the_slowest_inputs_are_kept() -> None:
    """Work is counted here, because time on a busy machine proves nothing."""
    seen = watch.Watch(Target("sums", lambda data: _work(len(data))))
    for length in (*range(60), 20_000, *range(60)):
        seen(bytes(length))

    assert len(seen.slow) == watch.MOST_SLOW
    assert max(seen.slow)[1] == bytes(20_000)


def _work(count: int) -> None:
    sum(i * i for i in range(count))


def test_the_report_has_every_target_and_every_fault() -> None:
    fault = {"where": "poolviz/x.py:3", "what": "KeyError: 3", "data": "YWI=", "count": 2}
    outcomes = [
        run.Outcome(target, 10, 1.0, 80.0, 5, 3, 0.4, 12, (fault,)) for target in TARGETS.values()
    ]
    text = run.report(outcomes, seed=7)

    assert f"{10 * len(TARGETS)} inputs, seed 7" in text
    for name in TARGETS:
        assert f"| {name} | 10 | 1 | 5 | 3 | 0.4 (12) | 80 | 1 |" in text
        assert f"* {name}, poolviz/x.py:3, 2 times: KeyError: 3" in text
    for name in KNOWN:
        assert f"| {name} |" in text


@pytest.fixture(autouse=True)
def no_atheris(monkeypatch: pytest.MonkeyPatch) -> None:
    """It need not be installed to run these tests."""
    monkeypatch.setattr(run, "version", lambda name: "1.2.3")


def test_bytes_mean_the_same_everywhere() -> None:
    """The corpus would prove nothing if they did not: one input, read in full."""
    given: Any = targets.Given(bytes([1, 2, 3, 200, 14, 1, 4]))

    assert (given.below(2), given.one_of("abc"), given.byte(), given.below(300)) == (1, "c", 3, 214)
    assert (given.byte(), given.rest(), given.byte()) == (1, b"\x04", 4)
    assert given.byte() == 0
