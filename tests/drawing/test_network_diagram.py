"""The diagram of a stack: blocks, failure and texts; nothing overlaps."""

from __future__ import annotations

import io
import itertools
from math import log2

import numpy as np
import pytest
from PIL import Image

import poolviz as pv
from poolviz.drawing.charts.network_diagram import (
    FAILURE_ROOM,
    SMALLEST,
    WIDTH,
    NetworkDiagram,
    build_network_diagram,
)
from poolviz.drawing.charts.network_stages import MOST_STAGES, stages
from poolviz.drawing.mpl.figure import PngRenderer, StackFigure
from poolviz.drawing.mpl.glyphs import outline
from poolviz.drawing.scene.theme import DARK


def keras(*layers: pv.Layer, shape: tuple[int, ...]) -> pv.Stack:
    return pv.Stack(layers, shape, framework="keras")


POOLS = [pv.Pool(2)] * 3
STACKS = {
    "runs": keras(*POOLS, pv.Flatten(), pv.Linear(10), shape=(32, 32, 3)),
    "one axis runs out": keras(*POOLS, shape=(5, 12, 1)),
    "both axes run out": keras(*POOLS, shape=(4, 4, 1)),
    "channel order": keras(pv.Conv(32, 3), pv.Pool(2), shape=(1, 28, 28)),
    "text": keras(pv.Conv(8, 5), pv.Pool(5), pv.Conv(8, 5), shape=(12, 7)),
    "volume": pv.Stack([pv.Pool(2)] * 5, (3, 16, 112, 112)),
    "silent": pv.Stack([pv.Pool(2, 2, framework="jax")] * 4 + [pv.Linear(3)], (5, 5, 1)),
    "head": pv.Stack([pv.Pool(2), pv.Flatten(), pv.Linear(10, in_features=400)], (16, 12, 12)),
    "skip": pv.Stack([pv.Concatenate(((), (pv.Pool(2), pv.Upsample(2))))], (1, 15, 15)),
    "refused": pv.Stack([pv.Pool(2, padding=2)], (1, 15, 15)),
    "forty layers": pv.Stack([pv.Conv(8, 3)] * 40, (3, 70, 70)),
    "nothing": keras(shape=(12, 12, 3)),
    "1×1": pv.Stack([pv.Pool(2)], (1, 1, 1)),
    "huge": pv.Stack([pv.Pool(2)] * 9, (3, 10**9, 10**9)),
    "kernel far too large": pv.Stack([pv.Pool(10**6)], (3, 9, 9)),
    "padded": pv.Stack([pv.Pool(9, padding=2)], (3, 3, 40)),
    "empty input": pv.Stack([pv.Pool(2)], (3, 0, 5)),
    "vector": pv.Stack([pv.Linear(5)], (7,)),
}


@pytest.fixture(params=STACKS)
def funnel(request: pytest.FixtureRequest) -> NetworkDiagram:
    return build_network_diagram(STACKS[request.param])


def test_stages_of_a_network_that_runs() -> None:
    found = [(one.caption, one.made_by) for one in stages(STACKS["runs"])]

    assert found == [
        ("32 × 32", "input"),
        ("16 × 16", "MaxPool 2×2"),
        ("8 × 8", "MaxPool 2×2"),
        ("4 × 4", "MaxPool 2×2"),
        ("48", "Flatten"),
        ("10", "Linear to 10"),
    ]


def test_layers_that_keep_the_size_are_one_stage() -> None:
    layers = [pv.Conv(8, 3, padding=1), pv.Same("ReLU"), pv.Pool(2), pv.Same("ReLU")]
    found = stages(pv.Stack(layers, (3, 8, 8)))

    assert [(one.first, one.last, one.channels) for one in found] == [(None, 1, 8), (2, 3, 8)]


def test_stages_end_at_the_failure() -> None:
    assert [one.caption for one in stages(STACKS["one axis runs out"])] == [
        "5 × 12",
        "2 × 6",
        "1 × 3",
    ]


def test_long_networks_keep_both_ends() -> None:
    found = stages(STACKS["forty layers"])

    assert len(found) == MOST_STAGES
    assert (found[0].caption, found[-1].caption) == ("70 × 70", "2 × 2")
    assert sum(one.skipped for one in found) == 35 - MOST_STAGES


def test_sides_are_logarithms() -> None:
    """Every halving shortens a side by the same step."""
    blocks = next(
        mark for mark in build_network_diagram(STACKS["runs"]).marks if mark.role == "map"
    ).rects
    steps = [before.width - after.width for before, after in itertools.pairwise(blocks[:4])]

    assert steps == pytest.approx([steps[0]] * 3)
    assert blocks[0].width == blocks[0].height
    assert (blocks[0].width - SMALLEST) / steps[0] == pytest.approx(log2(32))


def test_a_flat_map_looks_flat() -> None:
    blocks = next(mark for mark in build_network_diagram(STACKS["one axis runs out"]).marks).rects

    assert blocks[2].height == SMALLEST < blocks[2].width


def test_a_failure_is_drawn_as_the_explorer_draws_it() -> None:
    funnel = build_network_diagram(STACKS["one axis runs out"])

    assert {"missing", "broken", "edge"} <= {mark.role for mark in funnel.marks}
    texts = [label.text for label in funnel.labels]
    assert "2 of the kernel's 4 cells missing" in texts
    assert "✗ MaxPool 2×2" in texts
    # What the framework does is said by the title that is above it, or by its words.
    alone = build_network_diagram(STACKS["one axis runs out"], with_words=True)
    assert "Keras 3.15 raises ValueError" in [label.text for label in alone.labels]


def test_a_volume_that_is_too_shallow_is_seen_from_the_side() -> None:
    funnel = build_network_diagram(STACKS["volume"])

    assert "from the side: depth and width" in [label.text for label in funnel.labels]
    assert "missing" in {mark.role for mark in funnel.marks}


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("head", ["expects 400", "gets 576"]),
        ("skip", ["1 × 15 × 15", "1 × 14 × 14"]),
        ("refused", ["not computed"]),
    ],
)
def test_other_failures_say_their_numbers(name: str, lines: list[str]) -> None:
    funnel = build_network_diagram(STACKS[name])

    texts = [label.text for label in funnel.labels]
    assert set(lines) <= set(texts)
    assert "ghost" in {mark.role for mark in funnel.marks}


def test_root_causes_are_emphasised() -> None:
    tones = {
        label.text: label.tone
        for label in build_network_diagram(STACKS["both axes run out"]).labels
    }
    fine = {label.text: label.tone for label in build_network_diagram(STACKS["runs"]).labels}

    assert (tones["MaxPool 2×2"], fine["MaxPool 2×2"]) == ("accent", "text")


def test_every_layer_has_a_place_to_click_on() -> None:
    layers = [pv.Conv(8, 3, padding=1), pv.Pool(2), pv.Same("ReLU"), pv.Pool(9)]
    funnel = build_network_diagram(pv.Stack(layers, (3, 8, 8)))
    places = [(place.first, place.last) for place in funnel.places]

    assert places == [(None, 0), (1, 2), (3, 3)]


def test_everything_stays_inside(funnel: NetworkDiagram) -> None:
    for mark in funnel.marks:
        for rect in mark.rects:
            inside = (rect.left >= -1, rect.right <= WIDTH + 1)
            assert all((*inside, rect.top >= -1, rect.bottom <= funnel.height + 1)), mark.role
    for label in funnel.labels:
        length = outline(label.text, label.bold).width * label.size
        if label.upright:
            assert label.y - length / 2 >= 0
            assert label.y + length / (2 if label.align == "center" else 1) <= funnel.height
            continue
        left = label.x - length * {"left": 0, "center": 0.5, "right": 1}[label.align]
        assert 0 <= left <= WIDTH - length, label.text
        assert label.y <= funnel.height


def test_a_long_name_leaves_room_for_what_the_layer_does() -> None:
    name = "pooling_layer_behind_the_encoder_block"
    funnel = build_network_diagram(pv.Stack([(name, pv.Pool(40))], (3, 32, 32)))
    (title,) = (label for label in funnel.labels if label.text.startswith("✗"))
    width = outline(title.text, True).width * title.size
    place = funnel.places[-1].rect

    assert title.text.startswith("✗ pooling_layer_b")
    assert title.text.endswith("…: MaxPool 40×40")
    assert place.left <= title.x - width / 2 < title.x + width / 2 <= place.right


def test_captions_keep_apart(funnel: NetworkDiagram) -> None:
    """Texts on one line do not run into each other."""
    lines: dict[float, list[tuple[float, float, str]]] = {}
    for label in funnel.labels:
        length = outline(label.text, label.bold).width * label.size
        left = label.x - length * {"left": 0, "center": 0.5, "right": 1}[label.align]
        if not label.upright and label.text not in ("→", "…"):
            lines.setdefault(round(label.y), []).append((left, left + length, label.text))
    for found in lines.values():
        found.sort()
        for (_, end, one), (start, _, other) in itertools.pairwise(found):
            assert end <= start + 1, (one, other)


def test_alt_says_what_is_seen() -> None:
    alt = build_network_diagram(STACKS["one axis runs out"]).alt

    assert alt.startswith("3 layers on 5 × 12 × 1: stops at layer 2")
    assert "after MaxPool 2×2: 1 × 3" in alt
    assert "Works: " in alt


def test_paints(funnel: NetworkDiagram) -> None:
    figure = StackFigure(funnel)
    pixels = np.asarray(Image.open(io.BytesIO(figure.png())).convert("RGB"))

    assert pixels.shape[1] == WIDTH
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 10


def test_renderer_follows_the_theme() -> None:
    funnel = build_network_diagram(STACKS["runs"])
    render = PngRenderer()
    light, dark = render(funnel), render(funnel, DARK)

    corner = np.asarray(Image.open(io.BytesIO(dark)).convert("RGB"))[0, 0]
    assert light != dark
    assert tuple(corner) == tuple(round(255 * part) for part in DARK.page)


def test_words_come_along() -> None:
    bare, full = (build_network_diagram(STACKS["channel order"], words) for words in (False, True))
    texts = " ".join(label.text for label in full.labels)

    assert full.height > bare.height
    assert "works:" in texts
    assert "Read as channels first, it is height 28" in texts
    assert FAILURE_ROOM < WIDTH


def test_draw_takes_a_stack() -> None:
    figure = pv.draw(STACKS["one axis runs out"])

    assert isinstance(figure, StackFigure)
    assert repr(figure).startswith("StackFigure(3 layers on 5 × 12 × 1: stops at layer 2")
    with pytest.raises(TypeError, match="a Stack has its input"):
        pv.draw(STACKS["runs"], 10)
    with pytest.raises(TypeError, match="Pool needs an input"):
        pv.draw(pv.Pool(2))
    with pytest.raises(TypeError, match="Pool, AdaptivePool or GlobalPool, got 'Pool'"):
        pv.draw("Pool", 3)  # type: ignore[arg-type]
