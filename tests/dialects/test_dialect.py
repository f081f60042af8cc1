"""The dialect of a framework is one folder; every part of it except `write` may be missing."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import ModuleType

import pytest

import poolviz as pv
from poolviz import dialects
from poolviz.arithmetic.framework_names import FRAMEWORK_NAMES
from poolviz.arithmetic.network.forward import Failure
from poolviz.dialects.common.dialect import DIALECTS, Dialect, call_code, outermost_first
from poolviz.dialects.common.write import Op, Writer
from poolviz.messages.pattern import Messages, in_order

FOLDER = Path(dialects.__file__).parent
SHARED = {"common"}  # what all use

each_framework = pytest.mark.parametrize("name", FRAMEWORK_NAMES)


def test_each_framework_has_one_folder() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")}

    assert folders - SHARED == set(FRAMEWORK_NAMES)
    assert tuple(DIALECTS) == FRAMEWORK_NAMES


@each_framework
def test_a_title_is_that_of_the_framework(name: str) -> None:
    assert DIALECTS[name].title == pv.FRAMEWORKS[name].title


@each_framework
@pytest.mark.parametrize("op", ["max", "avg"])
@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_code_is_python(name: str, op: Op, ndim: int) -> None:
    layer = pv.Pool(3, 2, 1, op=op, framework=name)
    write = DIALECTS[name].write
    pads = ((0, 1),) * ndim

    lines = [
        call_code(layer, ndim),
        write.global_pool(op, ndim),
        write.transposed((0, *range(2, ndim + 2), 1)),
        *write.converted(layer.with_axes(ndim), pads, divides=False),
    ]

    assert all(ast.parse(line) for line in lines)


def test_a_framework_comes_before_its_backends() -> None:
    names = [dialect.name for dialect in outermost_first()]

    assert sorted(names) == sorted(FRAMEWORK_NAMES)
    for dialect in DIALECTS.values():
        assert all(names.index(dialect.name) < names.index(one) for one in dialect.backends)


def test_the_patterns_of_a_group_are_in_the_order_of_the_frameworks() -> None:
    first, second = DIALECTS["pytorch"].messages, DIALECTS["tensorflow"].messages

    assert in_order((first, second), "failures") == first.failures + second.failures


class FakeWriter(Writer):
    """The smallest possible dialect."""

    def pool(self, layer: pv.Pool, x: str = "x") -> str:
        return f"pool({x}, {layer.kernel_size})"

    def global_pool(self, op: Op, ndim: int) -> str:
        return f"{op}(x)"


@pytest.fixture
def bare_dialect(monkeypatch: pytest.MonkeyPatch) -> Dialect:
    """A framework whose folder holds only `write`."""
    package, module = ModuleType("poolviz.dialects.fake"), ModuleType("poolviz.dialects.fake.write")
    package.__path__ = []
    module.WRITER = FakeWriter()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, package.__name__, package)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return Dialect("fake")


def test_only_the_code_is_needed(bare_dialect: Dialect) -> None:
    assert bare_dialect.write.pool(pv.Pool((2, 2))) == "pool(x, (2, 2))"
    assert bare_dialect.messages == Messages()
    assert bare_dialect.names.modules == ()
    assert bare_dialect.variants == ()
    assert bare_dialect.backends == ()
    assert bare_dialect.network_error(failure(), channels_last=True) is None


def failure() -> Failure:
    found = pv.Stack([pv.Linear(3, in_features=2)], (5,)).walk.failure
    assert found is not None
    return found
