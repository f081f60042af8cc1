"""The model in a traceback: found, named, and let go.

Real frameworks: `tools/record/messages/failures.py`.
"""

from __future__ import annotations

import gc
import linecache
import sys
import weakref
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import poolviz as pv
from poolviz.dialects.common.frames import Part, Step
from poolviz.failures.find_failure import find_failure
from poolviz.failures.found import helps_of
from poolviz.failures.made_at import made_at
from poolviz.failures.stand_in import StandIn
from poolviz.hooks.words import words_of
from tests.failures.failing import forward, found, raised
from tests.failures.stand_ins import SAYS, call, fails_in_a_function, image, network
from tests.messages.unrelated import LOOKALIKES
from tests.support.work import counted

pytestmark = pytest.mark.usefixtures("torch_is_loaded")


def test_the_model_of_the_traceback_is_read_with_the_names_of_the_user() -> None:
    stack = found().answer

    assert isinstance(stack, pv.Stack)
    assert stack.input_shape == (3, 30, 30)
    assert stack.first_failure is not None
    assert stack.first_failure.name == found().layer == "model[2][0]"
    assert stack.first_failure.input_shape == (8, 14, 14)
    assert "model[1]" in str(stack.diagnosis)


def test_a_model_that_fails_elsewhere_is_not_shown() -> None:
    """The part that fails as the traceback says is shown in its place."""
    model = network()
    error = raised(call, model, image())
    model._modules["1"].kernel_size = model._modules["1"].stride = 14  # gives 2 × 2, not 14 × 14
    answer = find_failure(error)

    assert answer is not None
    assert isinstance(answer.answer, pv.Stack)
    assert answer.answer.input_shape == (8, 14, 14)


@pytest.mark.parametrize(
    "error",
    [KeyboardInterrupt(), SystemExit(1), ExceptionGroup(SAYS, [RuntimeError(SAYS)]), KeyError("x")],
    ids=lambda error: type(error).__name__,
)
def test_what_is_not_ours_is_left_alone(error: BaseException) -> None:
    assert find_failure(error) is None


def test_what_is_not_ours_takes_no_time() -> None:
    error = raised(lambda: 1 // 0)
    find_failure(error)
    nothing, calls = counted(find_failure, error)

    assert nothing is None
    assert calls < 50


def test_errors_of_a_framework_about_something_else_take_no_time() -> None:
    """No model is read, and the text is decoded once: half a millisecond on average."""
    work = []
    for text in LOOKALIKES:
        error = raised(fails_in_a_function, text)
        find_failure(error)
        nothing, calls = counted(find_failure, error)
        assert nothing is None
        work.append(calls)

    assert max(work) < 8_000


def test_the_cause_of_an_error_is_looked_at() -> None:
    def wrapped() -> None:
        try:
            forward()
        except RuntimeError as error:
            raise LookupError("a trainer says something else") from error

    assert isinstance(getattr(find_failure(raised(wrapped)), "answer", None), pv.Stack)


def test_nothing_is_kept() -> None:
    model, tensor = network(), image()
    watched = [weakref.ref(model), weakref.ref(tensor)]
    error = raised(call, model, tensor)
    answer = find_failure(error)
    assert answer is not None
    del model, tensor, error
    gc.collect()

    assert [each() for each in watched] == [None, None]
    assert answer.answer.diagnosis is not None


def test_a_session_of_onnxruntime_has_a_message_and_its_inputs() -> None:
    """Recorded with onnxruntime 1.32.0: 3 channels for weights of 5."""
    scope: dict[str, Any] = {"__name__": "onnxruntime.capi.onnxruntime_inference_collection"}
    exec("def run(self, output_names, input_feed):\n    raise output_names", scope)
    session = SimpleNamespace(
        get_inputs=lambda: [SimpleNamespace(name="x", shape=["batch", 5, None, None])]
    )
    given = {"x": SimpleNamespace(shape=(2, 3, 8, 8))}
    kind = type("Fail", (Exception,), {"__module__": "onnxruntime.capi"})
    said = (
        "[ONNXRuntimeError] : 1 : FAIL : Non-zero status code returned while running Conv node. "
        "Name:'y_nchwc' Status Message: Input channels C is not equal to kernel channels * group. "
        "C: 3 kernel channels: 5 group: 1"
    )
    answer = find_failure(raised(scope["run"], session, kind(said), given))

    assert answer is not None
    assert isinstance(answer.answer, pv.Message)
    assert (answer.answer.framework, answer.answer.kind) == ("onnxruntime", "channels")
    assert "The input x received (2, 3, 8, 8); the model takes (batch, 5, ?, ?)." in words_of(
        answer
    )


def test_a_fix_is_an_assignment_to_copy() -> None:
    stack = found().answer
    assert isinstance(stack, pv.Stack)

    assert any(fix.code.startswith("model[2][0] = nn.") for fix in stack.fixes)


def test_a_stand_in_fails_as_the_framework_does() -> None:
    model = StandIn(pv.Conv(8, 3), pv.Pool(2), pv.Pool(20))
    error = raised(model, image())
    answer = find_failure(error)

    assert str(error) == SAYS
    assert answer is not None
    assert answer.answer == pv.Stack(model.layers, (3, 30, 30))
    assert StandIn(pv.Conv(8, 3))(image()) == (2, 8, 28, 28)


def test_check_takes_a_shape_or_a_batch() -> None:
    assert pv.check(network(), image()) == pv.check(network(), (3, 30, 30))
    assert pv.check(network(), image()).ok is False


def test_explain_takes_an_error_or_a_model() -> None:
    assert isinstance(pv.explain(raised(forward)), pv.Stack)
    assert isinstance(pv.explain(RuntimeError(SAYS)), pv.Message)
    assert pv.explain(ValueError("another")) is None
    assert pv.explain(pv.Stack([pv.Pool(2)], (3, 8, 8))).ok


def test_explain_takes_the_error_that_was_shown_last(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("last_exc", "last_value"):
        monkeypatch.delattr(sys, name, raising=False)
    with pytest.raises(ValueError, match="no error was shown yet"):
        pv.explain()
    monkeypatch.setattr(sys, "last_value", RuntimeError(SAYS), raising=False)
    assert isinstance(pv.explain(), pv.Message)


# --- what the stack alone does not say -----------------------------------------------------------


def test_fixes_of_the_message_stand_in_for_those_of_the_stack() -> None:
    message = pv.decode("ValueError: expected 4D input (got 2D input)")
    assert message is not None
    shown = replace(found(), helps=helps_of(message))

    assert shown.sentence("here").splitlines()[1:] == [
        "Possible fixes: BatchNorm1d for this number of axes: nn.BatchNorm1d(channels)."
    ]


def test_a_division_by_zero_counts_only_where_jax_makes_weights() -> None:
    """JAX 0.10.2 divides by the number of features, which is 0 behind an empty map."""

    def error_in(file: str) -> BaseException:
        text = "def init(in_size):\n    return 1 / in_size\n"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        scope: dict[str, Any] = {"__name__": "flax.linen.linear"}
        exec(compile(text, file, "exec"), scope)
        return raised(scope["init"], 0)

    answer = find_failure(error_in("jax/_src/nn/initializers.py"))
    assert answer is not None
    assert "one of their sizes is 0" in str(answer.answer)
    assert find_failure(error_in("jax/_src/nn/functions.py")) is None


def test_a_loss_in_the_traceback_is_told() -> None:
    """The message alone does not say that output and target are subtracted."""
    scope: dict[str, Any] = {"__name__": "torch.nn.functional"}
    sizes = "The size of tensor a (27) must match the size of tensor b (28)"
    text = f"{sizes} at non-singleton dimension 3"
    exec(f"def mse_loss():\n    raise RuntimeError({text!r})", scope)
    answer = find_failure(raised(scope["mse_loss"]))

    assert answer is not None
    assert "its output and its target" in str(answer.answer)


class Blur:
    """A layer as its line gives it."""

    def __init__(self, kernel_size: int, stride: int) -> None:
        self.kernel_size, self.stride = kernel_size, stride


def test_a_layer_that_a_call_names_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        'net.add_module("p1", nn.Blur(3, 2))\nnet.add_module("p2", nn.Blur(3, 2))\n'
        'setattr(net, "p3", nn.Blur(3, 2))\n'
    )
    step = cast("Step", SimpleNamespace(file=str(file), traceback=SimpleNamespace(tb_lineno=9)))
    layer = Blur(3, 2)

    found = [made_at((), Part(f"net.{p}", p, layer), None, [step]) for p in ("p1", "p2", "p3", "p")]
    assert [place and place.line for place in found] == [1, 2, 3, None]
