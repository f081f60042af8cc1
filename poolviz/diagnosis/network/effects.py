"""What a change of a network does to the values of its pooling layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from poolviz.arithmetic.layers.network_layers import AdaptivePool, GlobalPool, layer_count
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.forward import Failure, Network, Row
from poolviz.arithmetic.trace import trace
from poolviz.diagnosis.effects import Effect, effect_of


@lru_cache(maxsize=128)  # a fix is ranked by it, and then described
def network_effect(before: Network, after: Network) -> Effect:
    """Return the worst effect on the pooling layers that differ; sound where none does."""
    failure = before.done.failure
    # Added and removed layers have no counterpart whose windows could be compared.
    if failure is None or layer_count(before.layers) != layer_count(after.layers):
        return Effect.SOUND
    return max(_effects(before, after, failure), key=lambda one: one.rank, default=Effect.SOUND)


def _effects(before: Network, after: Network, failure: Failure) -> Iterator[Effect]:
    for row in after.done.rows:
        try:
            old = before.layer_at(row.path)
        except IndexError:  # the branches are different ones
            continue
        if old != row.layer and row.input_size:
            yield _effect(old, row, failure)


def _effect(old: object, row: Row, failure: Failure) -> Effect:
    if isinstance(row.layer, GlobalPool | AdaptivePool):
        return Effect.NOTHING if set(row.input_size) == {1} else Effect.SOUND
    new = row.trace if isinstance(row.layer, Pool) else None
    if new is None:
        return Effect.SOUND
    # The failing layer never ran, so its old windows are those of the problem.
    traced = failure.problem.trace if row.path == failure.path else None
    if traced is None and isinstance(old, Pool):
        traced = trace(replace(old, framework=new.layer.framework), row.input_size)
    return effect_of(traced, new)
