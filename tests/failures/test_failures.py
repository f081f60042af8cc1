"""The model in a traceback: found, named, and let go.

Real frameworks: `tools/record/messages/failures.py`.
"""

from __future__ import annotations

import gc
import json
import linecache
import logging
import os
import subprocess
import sys
import weakref
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import poolviz as pv
from poolviz import pytest as plugin
from poolviz.__main__ import main
from poolviz.dialects.common.frames import Part, Step
from poolviz.failures.find_failure import find_failure
from poolviz.failures.found import FoundFailure, helps_of
from poolviz.failures.made_at import made_at
from poolviz.failures.stand_in import StandIn
from poolviz.hooks import watch as watching
from poolviz.hooks.words import print_explained, words_of
from tests.failures.stand_ins import SAYS, call, fails_in_a_function, image, network
from tests.messages.lookalikes import LOOKALIKES
from tests.support.paths import ROOT
from tests.support.work import counted


@pytest.fixture(autouse=True)
def _torch_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())  # type: ignore[arg-type]


def raised(run: Any, *args: Any) -> BaseException:
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        run(*args)
    return caught.value


def forward() -> None:
    model = network()
    call(model, image())


def found() -> FoundFailure:
    answer = find_failure(raised(forward))
    assert answer is not None
    return answer


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


# --- shown ---------------------------------------------------------------------------------------


def test_an_interpreter_prints_words_after_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", lambda *_: print("the traceback", file=sys.stderr))
    monkeypatch.setattr(watching, "_checked", lambda shell: None)
    usual = sys.excepthook
    error = raised(forward)
    pv.watch()
    pv.watch()
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        pv.unwatch()
    order = capsys.readouterr().err.splitlines()

    assert sys.excepthook is usual
    assert order[0] == "the traceback"
    assert order[1].startswith("poolviz: 3 layers on 3 × 30 × 30: stops at model[2][0]")


class Shell:
    """The part of IPython's shell that is used."""

    def __init__(self) -> None:
        self.callbacks: list[Any] = []
        self.events = SimpleNamespace(
            register=lambda name, function: self.callbacks.append(function),
            unregister=lambda name, function: self.callbacks.remove(function),
        )
        self.compile = SimpleNamespace(_filename_map={})

    def run(self, error: BaseException | None) -> None:
        for function in self.callbacks:
            function(SimpleNamespace(error_in_exec=error, info=None))


def test_ipython_without_widgets_prints_words(capsys: pytest.CaptureFixture[str]) -> None:
    shell = Shell()
    pv.load_ipython_extension(shell)
    for error in (raised(forward), None, KeyboardInterrupt(), ValueError("another")):
        shell.run(error)
    pv.unload_ipython_extension(shell)

    assert capsys.readouterr().out.count("stops at model[2][0]") == 1
    assert shell.callbacks == []


@pytest.mark.long
def test_cells_of_ipython_are_explained_and_everything_is_restored() -> None:
    run = [sys.executable, "-m", "tests.failures.ipython_session"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    explained = {name for name, said in answer["said"].items() if "poolviz: 3 layers" in said}

    assert explained == {"plain", "async", "nested"}
    assert answer["is_restored"]


def test_an_exception_of_poolviz_is_logged_only(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(error: BaseException) -> None:
        raise AssertionError("ours")

    monkeypatch.setattr(watching, "find_failure", broken)
    shell = Shell()
    pv.watch(shell)
    with caplog.at_level(logging.DEBUG, "poolviz"):
        shell.run(ValueError("theirs"))
    pv.unwatch(shell)

    assert "ours" in caplog.text
    assert capsys.readouterr() == ("", "")


def test_a_front_end_without_the_widget_sees_picture_and_words() -> None:
    widget = watching.widget_of(found())
    shown = widget._repr_mimebundle_()[0]
    widget.close()

    assert {"image/png", "text/html", "text/plain"} <= shown.keys()
    assert "stops at model[2][0]" in shown["text/plain"]
    assert "stops at model[2][0]" in shown["text/html"]


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


@pytest.mark.long
@pytest.mark.parametrize(
    "source",
    ["raise ValueError('3') from KeyError(4)", "x = = 3", "import sys; sys.exit('bye')"],
)
def test_exit_code_and_traceback_are_those_of_the_program(tmp_path: Path, source: str) -> None:
    (tmp_path / "train.py").write_text(f"import sys\nprint(sys.argv, __file__)\n{source}\n")

    def ran(*command: str) -> tuple[int, bytes, bytes]:
        line = [sys.executable, *command, "train.py", "--html", "x"]
        done = subprocess.run(
            line, cwd=tmp_path, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        return done.returncode, done.stdout, done.stderr

    assert ran("-m", "poolviz", "run") == ran()


def test_colours_are_for_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    print_explained(raised(forward))
    assert "\033" not in capsys.readouterr().err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    print_explained(raised(forward))
    assert "\033[31m" in capsys.readouterr().err
    monkeypatch.setenv("NO_COLOR", "1")
    print_explained(raised(forward))
    assert "\033" not in capsys.readouterr().err


def test_pytest_gets_a_section() -> None:
    report = SimpleNamespace(sections=[])
    called = SimpleNamespace(excinfo=SimpleNamespace(value=raised(forward)))
    plugin.pytest_exception_interact(None, called, report)

    assert report.sections == [("poolviz", words_of(found()))]


# --- before the crash, and on the command line ---------------------------------------------------


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


def test_a_program_runs_as_it_does_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[Path] = []
    widget = SimpleNamespace(save=saved.append, close=lambda: None)  # a real page takes seconds
    monkeypatch.setattr(watching, "widget_of", lambda found: widget)
    file = tmp_path / "train.py"
    file.write_text(
        "import sys\nfrom tests.failures.stand_ins import call, image, network\n"
        "print(sys.argv[1])\n"
        "net = network()\ncall(net, image())\n",
        encoding="utf-8",
    )
    page = tmp_path / "why.html"

    assert main(["run", "--html", str(page), str(file), "--epochs"]) == 1
    said = capsys.readouterr()
    assert said.out == "--epochs\n"
    assert said.err.startswith(f'Traceback (most recent call last):\n  File "{file}", line 5')
    assert "poolviz: 3 layers on 3 × 30 × 30: stops at net[2][0]" in said.err
    assert saved == [page]
    file.write_text("raise SystemExit(7)", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["run", str(file)])
    assert ended.value.code == 7


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
