"""Kinds of failure of one layer in a network."""

from __future__ import annotations

from enum import StrEnum


class FailureKind(StrEnum):
    """Reason for the failure of a layer."""

    NO_WINDOW = "kernel does not fit"
    TRUNCATED = "rounded towards zero"
    REFUSED = "argument not offered"
    LIMIT = "limit of the framework"
    EMPTY_INPUT = "empty input"
    CHANNELS = "other number of channels"
    GROUPS = "channels do not divide into groups"
    FEATURES = "other number of features"
    AXES = "other number of axes"
    BRANCH_SIZES = "branches of different sizes"
    BRANCH_CHANNELS = "branches of different channels"
    NOTHING_LEFT = "nothing is left"
    ELEMENTS = "other number of elements"
    PARTS = "an axis does not divide"
    FACTORS = "sizes of a product do not match"
    TOO_FEW = "too few elements"
    LAYOUT = "elements that are not evenly spaced"
