"""Numbers of features, factored: which feature maps explain why another number arrives.

A count of features is channels × height × width. The message states only the product; many maps
have the same, so what is found here is never known, only likely.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd, isqrt

MOST_CHANNELS = 2048  # with which ResNet-50 ends
SIDES = range(2, 17)  # of the last map of usual networks


@dataclass(frozen=True, slots=True)
class Maps:
    """Square maps: `side` × `side` × `channels` where `usual` × `usual` × `channels` was meant.

    `batch` is the number of samples that were counted as well.
    """

    channels: int
    usual: int
    side: int
    batch: int = 1


def is_channel_count(number: int) -> bool:
    """Return whether a number is a usual number of channels: a multiple of 8, or 6, 10, 12, 20…

    >>> [number for number in (2, 6, 7, 16, 50, 64, 98, 512) if is_channel_count(number)]
    [6, 16, 50, 64, 512]
    """
    if number > MOST_CHANNELS or number < 4:
        return False
    # 6: LeNet; 10, 20: PyTorch's former MNIST example; 20, 50: LeNet of Caffe; 24, 40:
    # EfficientNet; 192, 384: AlexNet of torchvision.
    return is_power_of_two(number) or number in (6, 10, 12, 20, 24, 40, 48, 50, 96, 192, 384)


def is_power_of_two(number: int) -> bool:
    """Return whether a positive number is a power of two."""
    return number & (number - 1) == 0


# Features and outputs of the first dense layer of LeNet, AlexNet, VGG and the MNIST examples.
_CLASSIC = {(400, 120), (9216, 4096), (25_088, 4096), (9216, 128), (320, 50), (3136, 1024)}
# Widths of dense layers in networks without maps whose odd part is a square, and flat pictures.
_GREY_DIGITS = 784  # 28 × 28, the flat pictures of MNIST
_OTHER_WIDTHS = {196, 1152, 2304, 4608, 9216, 18_432, 100, 200, 400, 800, 1600, 3200, 6400}


def is_classic(features: int, outputs: int | None) -> bool:
    """Return whether a well-known network has this dense layer behind its feature maps."""
    return (features, outputs) in _CLASSIC


def are_sides_of_maps(expected: int, got: int) -> bool:
    """Return whether two numbers of features are most likely those of maps with other sides.

    Widths of other networks are mostly powers of two, sometimes times 3, 9 or 25, and one is often
    4 times the other. So one of the numbers has to be a larger odd square times a power of two, or
    both different odd squares.

    >>> are_sides_of_maps(25_088, 100_352), are_sides_of_maps(400, 2304)
    (True, True)
    >>> are_sides_of_maps(1024, 4096), are_sides_of_maps(1600, 6400), are_sides_of_maps(2304, 9216)
    (False, False, False)
    """
    if ratio_of_sides(expected, got) is None or _GREY_DIGITS in (expected, got):
        return False
    one, other = sorted((_odd_side(expected), _odd_side(got)))
    if 1 < one < other:
        return True
    is_usual = {expected, got} & _OTHER_WIDTHS
    return not is_usual and other >= 7


def _odd_side(number: int) -> int:
    """Side of the odd part of a number, if that is a square; else 0."""
    odd = number // (number & -number)
    side = isqrt(odd)
    return side if side * side == odd else 0


def ratio_of_sides(expected: int, got: int) -> tuple[int, int] | None:
    """Return the ratio of the sides of two square maps, if the channels are equal, else None.

    >>> ratio_of_sides(25_088, 100_352), ratio_of_sides(25_088, 512), ratio_of_sides(1024, 512)
    ((2, 1), (1, 7), None)
    """
    if min(expected, got) < 1:
        return None
    divisor = gcd(expected, got)
    top, bottom = isqrt(got // divisor), isqrt(expected // divisor)
    if top * top * divisor != got or bottom * bottom * divisor != expected:
        return None
    return top, bottom


def one_side(expected: int, got: int) -> tuple[int, int] | None:
    """Return the lengths of a side that alone explains many features, if they are near, else None.

    >>> one_side(344_064, 356_352), one_side(4096, 8192)
    ((29, 28), None)
    """
    divisor = gcd(expected, got)
    side, usual = got // divisor, expected // divisor
    is_near = abs(side - usual) <= 2 and min(side, usual) >= 8 and max(side, usual) <= 128
    return (side, usual) if is_near and divisor >= 1024 else None


def other_maps(expected: int, got: int) -> tuple[Maps, ...]:
    """Return maps that explain `got` features instead of `expected`, at most two, the best first.

    Of the maps with a usual number of channels, one whose expected side is odd is preferred: an
    even one could be halved once more, so it does not show where the pooling ended.

    >>> other_maps(25_088, 100_352)
    (Maps(channels=512, usual=7, side=14, batch=1),)
    >>> [maps.channels for maps in other_maps(1024, 4096)], other_maps(1024, 512)
    ([256, 64], ())
    """
    ratio = ratio_of_sides(expected, got)
    if ratio is None:
        return ()
    found = [
        Maps(channels, usual, usual * ratio[0] // ratio[1])
        for usual, channels in _usual_maps(expected)
        if usual * ratio[0] % ratio[1] == 0
    ]
    odd = [maps for maps in found if maps.usual % 2 and maps.channels <= 512]
    return tuple(odd if len(odd) == 1 else found)[:2]


def batch_of_maps(wanted: int, total: int) -> tuple[Maps, ...]:
    """Return maps of which a batch has `total` numbers, where each should have had `wanted`.

    Empty where `total` is a whole number of samples.

    >>> batch_of_maps(400, 2304)[0]
    Maps(channels=16, usual=5, side=6, batch=4)
    """
    if wanted < 1 or total % wanted == 0:
        return ()
    found = [
        Maps(channels, usual, side, batch)
        for usual, channels in _usual_maps(wanted)
        for side in (usual - 2, usual - 1, usual + 1, usual + 2)
        for batch, rest in [divmod(total, max(1, side * side * channels))]
        if side > 0 and rest == 0 and (is_power_of_two(batch) or batch % 10 == 0)
    ]
    return tuple(sorted(found, key=lambda maps: (maps.usual % 2 == 0, -maps.side)))[:2]


def _usual_maps(features: int) -> list[tuple[int, int]]:
    """Sides and channels of maps with so many features."""
    maps = [(side, features // (side * side)) for side in SIDES if features % (side * side) == 0]
    return [(side, channels) for side, channels in maps if is_channel_count(channels)]
