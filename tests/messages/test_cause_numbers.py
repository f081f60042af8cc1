"""Which numbers a cause is concluded from: what lies just beside them has none."""

from __future__ import annotations

import pytest

from poolviz.messages.causes.axes import rank_of
from poolviz.messages.causes.channels import (
    explained,
    normalised_last,
    undivided,
    undivided_sizes,
)
from poolviz.messages.causes.factors import (
    are_sides_of_maps,
    batch_of_maps,
    is_channel_count,
    one_side,
    ratio_of_sides,
)
from poolviz.messages.causes.sums import joined_of, merged_of, ranks_joined, sum_of
from poolviz.messages.causes.targets import target_of
from poolviz.messages.causes.two_sizes import near_or_times
from poolviz.messages.message import Sizes

LARGE = 1024  # what both numbers of features have in common


@pytest.mark.parametrize(
    ("usual", "side", "common"),
    [(28, 31, LARGE), (7, 6, LARGE), (129, 128, LARGE), (28, 29, LARGE - 1)],
)
def test_one_side_is_blamed_for_near_sides_of_large_maps_only(
    usual: int, side: int, common: int
) -> None:
    assert one_side(28 * LARGE, 29 * LARGE) == (29, 28)
    assert one_side(8 * LARGE, 9 * LARGE) == (9, 8)
    assert one_side(128 * LARGE, 127 * LARGE) == (127, 128)
    assert one_side(29 * LARGE, 31 * LARGE) == (31, 29)
    assert one_side(usual * common, side * common) is None


def test_sides_are_concluded_from_squares_only() -> None:
    assert ratio_of_sides(400, 0) is None
    assert not are_sides_of_maps(98, 100)
    assert not are_sides_of_maps(196, 12_544)  # a width of other networks
    assert batch_of_maps(400, 7200) == ()
    assert not is_channel_count(8192)


@pytest.mark.parametrize(
    "shape",
    [(2, 16, 5, 32, 32), (2, 16, 3, 32)],
)
def test_frames_are_exchanged_where_axis_2_has_the_channels(shape: Sizes) -> None:
    [reason], _ = explained(3, 16, (2, 16, 3, 32, 32), "channels_first")
    assert "frames of a video" in str(reason.words)
    assert explained(3, 16, shape, "channels_first") == ((), ())
    assert explained(3, 16, (2, 9, 3, 32, 16), "channels_last") == ((), ())


def test_what_divides_is_no_failure() -> None:
    assert undivided("pytorch", 20, 0) is None
    assert undivided("pytorch", 20, 1) is None
    assert undivided_sizes("pytorch", 0, (7,)) is None
    assert undivided_sizes("pytorch", 1, (7,)) is None
    assert normalised_last("pytorch", (8, 8), (2, 3, 8, 8), "") is None
    assert normalised_last("pytorch", (), (2, 3, 8, 8), "") is None


@pytest.mark.parametrize(
    ("shape", "channels", "missing", "fixes"),
    [
        ((4, 28, 28), 1, "channels", 2),
        ((60_000, 28, 28), None, "channels", 1),
        ((1_000, 28, 28), None, "channels", 2),
        ((6, 28, 30), None, "batch_or_channels", 2),
        ((28, 30), 1, "flat", 1),
        ((28, 28), 1, "batch_or_channels", 1),
    ],
)
def test_the_axis_that_is_missing(
    shape: Sizes, channels: int | None, missing: str, fixes: int
) -> None:
    read = rank_of("pytorch", "conv", 4, shape, data_format="channels_first", channels=channels)

    assert (read.missing, len(read.remedies)) == (missing, fixes)


def test_a_volume_whose_channels_are_known_lacks_its_batch() -> None:
    read = rank_of("keras", "conv", 5, (8, 32, 32, 3), data_format="channels_last", channels=3)

    assert read.missing == "batch"
    assert "sequences" not in str(read.causes)
    assert [fix.snippet for fix in read.remedies] == ["add_batch"]


def test_shapes_that_agree_or_are_of_no_maps_are_left_alone() -> None:
    assert sum_of("pytorch", (2, 8, 9, 9), (2, 8, 9, 9)) is None
    assert sum_of("pytorch", (2, 8, 9, 9), (2, 8, 9)) is None
    assert sum_of("pytorch", (2, 8, 9, 9), (2, 1, 7, 7)) is None
    assert merged_of("keras", (None, 3), (None, 3)) is None
    assert ranks_joined("pytorch", 4, 4) is None
    assert ranks_joined("pytorch", 4, 3).reasons == ()  # type: ignore[union-attr]
    assert joined_of("pytorch", ((2, 8, 9, 9), (2, 8, 9, 9))) is None
    assert joined_of("pytorch", ((2, 8, 9, 9), (2, 8, 7, 7)), along=4) is None


@pytest.mark.parametrize(
    ("first", "second", "cause"),
    [(28, 14, "28 is 2 × 14"), (57, 28, "57 is about 2 × 28"), (16, 61, "61 is about 4 × 16")],
)
def test_a_stride_of_one_branch(first: int, second: int, cause: str) -> None:
    assert cause in str(near_or_times(first, second)[0].words)
    assert near_or_times(40, 13) == near_or_times(59, 28) == near_or_times(5, 11) == ()


@pytest.mark.parametrize(
    ("output", "target", "is_explained"),
    [
        ((2, 1, 388, 388), (2, 1, 572, 572), True),
        ((2, 1, 512, 512), (2, 1, 500, 500), True),
        ((2, 1, 512, 512), (2, 1, 480, 480), False),
        ((2, 1, 512, 512), (2, 1, 224, 224), False),
        ((2, 1, 28, 28), (2, 1, 60, 61), False),
        ((4, 1, 28, 28), (2, 1, 56, 56), False),
    ],
)
def test_cut_edges_explain_sizes_that_are_near(
    output: Sizes, target: Sizes, is_explained: bool
) -> None:
    read = target_of("pytorch", output, target, class_axis=1)

    assert read is not None
    assert bool(read.reasons) is is_explained
