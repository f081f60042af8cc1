"""Graphs of tensors become nested layers: each layer once, in the order of the source."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolviz.arithmetic.layers.conv import Conv
from poolviz.arithmetic.layers.network_layers import Add, Concatenate, Layer, Named, Same
from poolviz.arithmetic.layers.pool import Pool
from poolviz.diagnosis.network.stack import Stack
from poolviz.reading.graph.nesting import MOST_NESTED, Nested, Node, NotNested, nested
from tests.support.work import counted


def step(key: str, source: str, line: int | None = None) -> Node:
    """One layer, which is called as the tensor it makes."""
    return Node(key, (source,), (Same(key),), line=line)


def add(key: str, *inputs: str, line: int | None = None) -> Node:
    return Node(key, inputs, join="add", line=line)


def cat(key: str, *inputs: str, line: int | None = None) -> Node:
    return Node(key, inputs, join="concatenate", line=line)


def short(layers: tuple[Layer, ...]) -> str:
    """Layers as a text: names, + and & for the joins, brackets for their branches."""
    return " ".join(map(_short, layers))


def _short(layer: Layer) -> str:
    if isinstance(layer, Add | Concatenate):
        sign = " + " if isinstance(layer, Add) else " & "
        return f"({sign.join(short(branch) or '·' for branch in layer.branches)})"
    return str(layer.name)


def read(*nodes: Node) -> str:
    return short(nested(nodes, "x", nodes[-1].key).layers)


def graph(text: str) -> list[Node]:
    """Nodes from "a x; y x+a; z y&a": a of x, y adds, z concatenates."""
    nodes = []
    for words in text.split("; "):
        key, inputs = words.split()
        if "+" in inputs:
            nodes.append(add(key, *inputs.split("+")))
        elif "&" in inputs:
            nodes.append(cat(key, *inputs.split("&")))
        else:
            nodes.append(step(key, inputs))
    return nodes


GRAPHS = {
    "chain": ("a x; b a", "a b"),
    "skip": ("a x; y a+x", "(a + ·)"),
    "skip first": ("a x; y x+a", "(· + a)"),
    "projection": ("a x; b a; p x; y b+p; r y", "(a b + p) r"),
    "twice the same tensor": ("a x; y a+a", "a (· + ·)"),
    "three ways": ("a x; b x; y a&x&b", "(a & · & b)"),
    "Inception with a fork": ("a x; b x; c b; d b; e c&d; y a&e", "(a & b (c & d))"),
    "a fork in a flat join": ("a x; b x; c b; d b; y a&c&d", "(a & b (c & d))"),
    "U-Net": (
        "e1 x; e2 e1; m e2; u2 m; j2 u2&e2; d2 j2; u1 d2; j1 e1&u1; d1 j1",
        "e1 (· & e2 (m u2 & ·) d2 u1) d1",
    ),
    "DenseNet in pairs": ("a x; c1 x&a; b c1; c2 c1&b", "(· & a) (· & b)"),
    "DenseNet with all earlier features": (
        "a x; c1 x&a; b c1; c2 x&a&b; c c2; c3 x&a&b&c; d c3",
        "(· & a) (· & b) (· & c) d",
    ),
    "SPPF": ("a x; b a; c b; y x&a&b&c", "(· & a (· & b (· & c)))"),
    "a join of joins": ("a x; s x+a; b x; t x&b; y s&t", "((· + a) & (· & b))"),
    "a gate on the channels": (
        "a x; squeeze a; excite squeeze; y a+excite; z x+y",
        "(· + a (· + squeeze excite))",
    ),
    "the same join twice": ("a x; p x&a; q x&a; b q; y p+b", "(· & a) (· + (·) b)"),
    "what the output does not need": ("a x; auxiliary a; b a", "a b"),
}


@pytest.mark.parametrize(("text", "expected"), GRAPHS.values(), ids=GRAPHS)
def test_graphs(text: str, expected: str) -> None:
    assert read(*graph(text)) == expected


def test_output_that_is_the_source() -> None:
    assert nested([step("a", "x")], "x", "x") == Nested((), {})


def test_lines_have_the_paths_of_rows() -> None:
    nodes = [
        step("a", "x", line=3),
        Node("b", ("a",), (Conv(4, 3, padding=1), Same("relu")), line=4),
        cat("y", "a", "b", line=6),
        Node("p", ("y",), (Pool(2),), name="pool", line=7),
    ]
    found = nested(nodes, "x", "p")
    stack = Stack(found.layers, (4, 8, 8))

    assert [(row.name, found.lines[row.path]) for row in stack.rows] == [
        ("a", 3),
        (None, 4),
        ("relu", 4),
        (None, 6),
        ("pool", 7),
    ]


def test_an_unknown_line_is_left_out() -> None:
    assert nested([step("a", "x"), step("b", "a", line=2)], "x", "b").lines == {(1,): 2}


def test_names() -> None:
    """The last layer of a node gets the name, unless it already has one."""
    nodes = [
        Node("a", ("x",), (Conv(4, 3), Conv(4, 1)), name="separable"),
        Node("b", ("a",), (Same("ReLU"),), name="act1"),
        Node("c", ("b",), (Pool(2),), name="pool1"),
        Node("y", ("b", "c"), join="add", name="sum"),
    ]
    layers = nested(nodes, "x", "y").layers

    assert layers[:3] == (Conv(4, 3), Named("separable", Conv(4, 1)), Same("ReLU"))
    assert layers[3] == Named("sum", Add(((), (Named("pool1", Pool(2)),))))


def test_layers_after_a_join() -> None:
    nodes = [step("a", "x"), Node("y", ("x", "a"), (Same("relu"),), join="add", name="block")]

    assert read(*nodes) == "(· + a) relu"


def test_what_two_joins_need_is_shown_again() -> None:
    nodes = [step("a", "x"), step("b", "x"), cat("c", "a", "b"), add("d", "a", "b")]
    found = nested([*nodes, add("y", "c", "d")], "x", "y")

    assert short(found.layers) == "((a & b) + (a + b))"
    assert found.again == {"a", "b"}


def test_crossing_ways_are_nested_up_to_a_number() -> None:
    """Each join is made of both tensors of the one before: they would double with every step."""
    nodes = [step("a0", "x"), step("b0", "x")]
    for i in range(9):
        nodes += [add(f"a{i + 1}", f"a{i}", f"b{i}", line=i), cat(f"b{i + 1}", f"b{i}", f"a{i}")]
    with pytest.raises(NotNested, match=r"'b9'|'a\d'|'b\d'"):
        read(*nodes, add("y", "a9", "b9"))


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ([step("a", "nowhere")], "nothing makes 'nowhere'"),
        ([step("a", "b"), step("b", "x"), step("c", "a")], "'a' is made of 'b', which comes later"),
        ([step("a", "b"), step("b", "a")], "which comes later"),
        ([step("a", "x"), step("a", "x")], "a key of its own"),
        ([step("x", "x")], "a key of its own"),
    ],
)
def test_no_graph(nodes: list[Node], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(*nodes)


@pytest.mark.parametrize(("inputs", "join"), [((), None), (("x", "y"), None), ((), "add")])
def test_a_node_without_a_join_has_one_input(inputs: tuple[str, ...], join: None) -> None:
    with pytest.raises(ValueError, match="node 'a' needs"):
        Node("a", inputs, join=join)


def test_branches_in_branches_have_an_end() -> None:
    def pyramid(depth: int) -> list[Node]:
        nodes = [step("d0", "x")]
        nodes += [step(f"d{i}", f"d{i - 1}") for i in range(1, depth)]
        nodes.append(add(f"u{depth}", f"d{depth - 1}", f"d{depth - 1}"))
        return nodes + [add(f"u{i}", f"d{i - 1}", f"u{i + 1}") for i in range(depth - 1, 0, -1)]

    deepest = nested(pyramid(MOST_NESTED), "x", "u1").layers
    assert str(Stack(deepest, (8, 8, 8)))
    assert Stack(deepest, (8, 8, 8)).ok
    with pytest.raises(NotNested, match="more than 64 branches"):
        nested(pyramid(MOST_NESTED + 1), "x", "u1")


# --- random graphs -------------------------------------------------------------------------------


def series_parallel(rng: random.Random, source: str, budget: int) -> Iterator[Node]:
    """A random nested network; its last node is the output."""
    count = 0

    def grow(start: str, left: int) -> Iterator[Node]:
        nonlocal count
        here = start
        while left > 0:
            count += 1
            key = f"t{count}"
            if rng.random() < 0.6 or left < 3:
                yield step(key, here)
                left -= 1
            else:
                ends = []
                for _ in range(rng.choice((2, 2, 3))):
                    branch = list(grow(here, rng.randrange(left // 2 + 1)))
                    yield from branch
                    ends.append(branch[-1].key if branch else here)
                rng.shuffle(ends)
                yield Node(key, tuple(ends), join=rng.choice(("add", "concatenate")))
                left -= left // 2 + 1
            here = key

    yield from grow(source, budget)


@given(st.integers(0, 10**9), st.integers(1, 40))
def test_every_nested_network_is_found_again(seed: int, budget: int) -> None:
    """Each layer stands once, and on the same number of ways from the source as in the graph."""
    nodes = list(series_parallel(random.Random(seed), "x", budget))
    layers = nested(nodes, "x", nodes[-1].key).layers
    ways = {"x": 1}
    for node in nodes:
        ways[node.key] = sum(ways[key] for key in node.inputs)

    assert sorted(_names(layers)) == sorted(str(n.key) for n in nodes if n.join is None)
    assert _ways(layers) == ways[nodes[-1].key]


def _names(layers: tuple[Layer, ...]) -> Iterator[str]:
    for layer in layers:
        if isinstance(layer, Add | Concatenate):
            for branch in layer.branches:
                yield from _names(branch)
        else:
            yield str(layer.name)


def _ways(layers: tuple[Layer, ...]) -> int:
    found = 1
    for layer in layers:
        if isinstance(layer, Add | Concatenate):
            found *= sum(map(_ways, layer.branches))
    return found


# --- speed ---------------------------------------------------------------------------------------


def chain(count: int) -> list[Node]:
    return [step(f"t{i}", f"t{i - 1}" if i else "x") for i in range(count)]


def residual(count: int) -> list[Node]:
    nodes = []
    for i in range(count):
        here = f"s{i - 1}" if i else "x"
        nodes += [step(f"t{i}", here), add(f"s{i}", here, f"t{i}")]
    return nodes


def dense(count: int) -> list[Node]:
    """Every layer sees all earlier features in one flat join."""
    nodes, features, here = [], ["x"], "x"
    for i in range(count):
        nodes.append(step(f"t{i}", here))
        features.append(f"t{i}")
        here = f"c{i}"
        nodes.append(cat(here, *features))
    return nodes


@pytest.mark.parametrize(("network", "top"), [(chain, 5000), (residual, 2500), (dense, 300)])
def test_work_grows_with_the_edges_only(network: Callable[[int], list[Node]], top: int) -> None:
    half, whole = network(top // 2), network(top)
    layers, calls = counted(lambda: nested(whole, "x", whole[-1].key).layers)
    _, calls_of_half = counted(lambda: nested(half, "x", half[-1].key))
    growth = sum(len(node.inputs) for node in whole) / sum(len(node.inputs) for node in half)

    assert len(layers) == top
    assert calls <= 1.1 * growth * calls_of_half


def test_a_skip_over_a_long_network() -> None:
    """The common tensor of far ends is found by jumps, not step by step."""
    assert _calls_of_skips(3000) <= 2.5 * _calls_of_skips(1500)


def _calls_of_skips(count: int) -> int:
    nodes = chain(count)
    nodes += [add(f"s{i}", "x" if i == 0 else f"s{i - 1}", f"t{i}") for i in range(count)]

    def refused() -> None:
        with pytest.raises(NotNested):
            nested(nodes, "x", f"s{count - 1}")

    return counted(refused)[1]
