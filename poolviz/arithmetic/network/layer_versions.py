"""A layer that fails, under the rules of other versions of its framework."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from poolviz.arithmetic.framework_names import version_of
from poolviz.arithmetic.frameworks.registry import FRAMEWORKS
from poolviz.arithmetic.layers.network_layers import Add, Concatenate
from poolviz.arithmetic.network.feature_map import NetworkConfig
from poolviz.arithmetic.network.forward import Failure, forward
from poolviz.arithmetic.versions import alike


class LayerResult(NamedTuple):
    """What the layer does in versions that agree: an error, or a shape without the batch."""

    title: str
    error: str | None
    output_shape: tuple[int, ...] | None
    has_own: bool


@lru_cache(maxsize=128)  # a table, its words and the advice need the same
def failure_by_version(failure: Failure) -> tuple[LayerResult, ...]:
    """Return what the failing layer does in each version, the newest first."""
    if isinstance(failure.layer, Add | Concatenate):  # its branches agree or not in every version
        title = FRAMEWORKS[failure.framework].title
        return (LayerResult(title, failure.error, None, has_own=True),)
    groups = alike(failure.framework, lambda name: _alone(failure, name)[1:])
    return tuple(
        LayerResult(each.title, *_alone(failure, each.newest)[:2], each.has_own) for each in groups
    )


def versioned_title(failure: Failure) -> str:
    """Name of the framework, with its versions where the layer does not fail alike in others."""
    title = FRAMEWORKS[failure.framework].title
    found = failure_by_version(failure)
    if version_of(failure.framework) is not None or len(found) == 1:
        return title
    return next(each.title for each in found if each.has_own)


def other_versions(failure: Failure) -> tuple[LayerResult, ...]:
    """Return what the layer does in versions that differ."""
    found = failure_by_version(failure)
    own = next(each for each in found if each.has_own)
    return tuple(each for each in found if each.output_shape != own.output_shape)


def _alone(failure: Failure, framework: str) -> tuple[str | None, tuple[int, ...] | None, bool]:
    """Run the layer: the error, the shape, and whether a window is partial (onnxruntime)."""
    config = NetworkConfig(framework, failure.channels_last)
    done = forward((failure.layer,), failure.input_shape, config)
    shape = done.rows[-1].output_shape if done.is_complete else None
    failed = done.failure
    error = None if failed is None else failed.error
    is_silent = failed is not None and error is None
    return error, shape, is_silent and 0 not in (shape or ())
