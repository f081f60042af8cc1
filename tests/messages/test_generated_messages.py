"""What a trace says in the words of its framework is read back as its numbers."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from poolviz.arithmetic.framework_names import FRAMEWORK_NAMES
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import Trace, trace
from poolviz.reading.messages import decode
from tests.messages.decode_cases import differences

NOISE = (
    "Traceback (most recent call last):",
    '  File "train.py", line 214, in <module>',
    "    main()",
    "2026-01-02 03:04:05.678901: I core/platform/cpu_feature_guard.cc:182] rebuild with AVX2 FMA",
    "Epoch 3/10  loss: 0.6931 - accuracy: 0.5000 [=====>....] 312/1250",
    "KeyError: 'image'",
    "During handling of the above exception, another exception occurred:",
    "\x1b[0;31m----> 1\x1b[0m model\x1b[0;34m(\x1b[0m1\x1b[0;34m)\x1b[0m",
    "WARNING:root:size mismatch for fc.weight: copying a param of shape (10, 512)",
    "Найдена ошибка: 画像が小さすぎます 🐛",
    "<div class='output'><pre>RuntimeError</pre></div>",
    "",
)


noise = st.lists(st.sampled_from(NOISE), max_size=12).map("\n".join)


sizes = st.integers(0, 12)


@st.composite
def failing_calls(draw: st.DrawFn) -> tuple[Trace, int]:
    """A pooling layer that raises, in one of the frameworks that do, and a number of channels."""
    ndim = draw(st.integers(1, 3))

    def per_axis(values: st.SearchStrategy[Any]) -> tuple[Any, ...]:
        return tuple(draw(values) for _ in range(ndim))

    pads = st.tuples(st.integers(0, 3), st.integers(0, 3))
    layer = Pool(
        per_axis(st.integers(1, 14)),
        draw(st.none() | st.just(per_axis(st.integers(1, 4)))),
        draw(st.sampled_from(["valid", 0, 1, per_axis(st.integers(0, 3)), per_axis(pads)])),
        draw(st.just(1) | st.just(per_axis(st.integers(1, 3)))),
        op=draw(st.sampled_from(["max", "avg"])),
        framework=draw(st.sampled_from([name for name in FRAMEWORK_NAMES if name != "jax"])),
    )
    traced = trace(layer, per_axis(sizes))
    assume(traced.outcome == "raises")
    return traced, draw(st.integers(1, 2048))


# TensorFlow and MLX refuse these with words that any function raises.
ANY_FUNCTION = ("got an unexpected keyword argument", "Unknown padding", "'<' not supported")


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(failing_calls(), noise, noise)
def test_what_a_framework_says_is_read_back(
    call: tuple[Trace, int], before: str, after: str
) -> None:
    traced, channels = call
    text = traced.says(channels=channels)
    assert text is not None
    assume(not text.startswith(ANY_FUNCTION))
    message = decode(f"{before}\n{traced.error_name}: {text}\n{after}")

    assert message is not None, text
    assert differences(message, traced, traced.layer.framework) == [], text
    assert message.channels in (None, channels)
    if message.layer is not None:
        assert traced.failing_axes[0].name == message.axis
        assert message.diagnosis is not None
    if not traced.refusals and traced.layer.framework in ("tensorflow", "keras"):
        assert message.layer is not None
    assert message.message.splitlines()[0] in re.sub(r"\x1b\[[0-9;]*m", "", text)


@settings(max_examples=60, deadline=None)
@given(failing_calls(), st.integers(20, 60))
def test_broken_lines_do_not_matter(call: tuple[Trace, int], width: int) -> None:
    """A terminal breaks a long line at blanks, a mail quotes it."""
    traced, channels = call
    text = traced.says(channels=channels) or ""
    assume(not text.startswith(ANY_FUNCTION))
    broken = re.sub(rf"(.{{{width},}}?) ", "\\1\n> ", text)
    whole, read = decode(text), decode(f"> {broken}")

    assert whole is not None
    assert read is not None
    assert whole.axes == read.axes
