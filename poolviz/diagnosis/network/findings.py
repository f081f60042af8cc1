"""Headline and findings of a network."""

from __future__ import annotations

from collections.abc import Iterable

from poolviz.arithmetic.layers.network_layers import layer_count
from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.network.failures import GEOMETRIC
from poolviz.arithmetic.network.feature_map import NetworkConfig
from poolviz.arithmetic.network.forward import Failure, ForwardPass, Network
from poolviz.diagnosis.layer.findings import Severity
from poolviz.diagnosis.layer.heading import cause_in
from poolviz.diagnosis.network.input_notes import batch_notes, input_notes
from poolviz.diagnosis.network.known_causes import CHANNEL_ORDER, advice
from poolviz.diagnosis.network.phrases import (
    StackFinding,
    failure_findings,
    failure_label,
    failure_outcome,
    version_findings,
)
from poolviz.diagnosis.network.root_cause import root_causes, root_causes_text
from poolviz.diagnosis.phrases import by, capital, count, joined
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import Phrase, phrase

ROOT_CAUSE, OTHER_ORDER = "root cause", "data format"  # causes of findings, for comparison
MOST_POOLINGS = 64  # a map of 2⁶⁴ elements is more than there is


def headline(network: Network, is_open: bool = False) -> str:
    """Describe the network and its outcome in one line; `is_open`: a size was not checked."""
    done, shape = network.done, by(network.input_shape)
    failure = done.failure
    layers = count(layer_count(network.layers), "layer")
    if failure is None and network.ends_early:
        if not done.rows:
            return say("stack.nothing_read", input=shape)
        far = by(done.rows[-1].output_shape)
        return say("stack.ends_early", layers=layers, input=shape, output=far)
    if failure is None:
        outputs = joined(list(map(by, done.outputs)))
        if is_open:
            return say("stack.unchecked", layers=layers, input=shape, outputs=outputs)
        if len(done.outputs) == 1:
            return say("stack.works", layers=layers, input=shape, output=outputs)
        return say("stack.works_with_outputs", layers=layers, input=shape, outputs=outputs)
    return say(
        "stack.goes_wrong" if failure.problem.is_silent else "stack.stops",
        layers=layers,
        input=shape,
        layer=failure_label(failure),
        outcome=failure_outcome(failure),
    )


def verdict(network: Network, findings: Iterable[StackFinding]) -> str:
    """Return the heading: the cause first where a layer fails, otherwise the sizes."""
    done, shape = network.done, by(network.input_shape)
    if done.failure is not None:
        return _cause(done.failure, findings)
    if network.ends_early:
        if not done.rows:
            return f"{capital(headline(network))}."
        return say("heading.part", input=shape, output=by(done.rows[-1].output_shape))
    return say("heading.sizes", input=shape, output=joined(list(map(by, done.outputs))))


def _cause(failure: Failure, findings: Iterable[StackFinding]) -> str:
    swapped = [finding for finding in findings if finding.cause == CHANNEL_ORDER]
    traced = failure.problem.trace
    if traced is not None and not swapped:
        found = cause_in(traced, str(failure_label(failure)))
        if found:
            return found
    (first, *_) = swapped or failure_findings(failure)
    return capital(first.what)


def find(network: Network) -> tuple[StackFinding, ...]:
    """Return the failure and its root causes, then the known causes, then the data format."""
    known = [each.finding for each in advice(network)]
    failure = network.done.failure
    found: list[StackFinding] = []
    if failure is not None:
        found += (*failure_findings(failure), *version_findings(failure))
        # With swapped axes, "height" and "width" of every layer name the wrong things.
        if not is_swapped(known):
            found += _root_causes(network.done, failure)
    notes = (*input_notes(network), *batch_notes(network), *_order_notes(network.config))
    return (*found, *known, *notes)


def is_swapped(findings: Iterable[StackFinding]) -> bool:
    """Return whether the data are in the other channel order: then sizes are not what is wrong."""
    return any(finding.cause == CHANNEL_ORDER for finding in findings)


def _root_causes(done: ForwardPass, failure: Failure) -> list[StackFinding]:
    if failure.problem.kind not in GEOMETRIC:
        return []
    causes = root_causes(done, failure)
    text = Phrase(root_causes_text, (causes, failure.problem.axes))
    place = causes[0].index if causes else None
    return [StackFinding(ROOT_CAUSE, Severity.NOTE, (), text, layer=place)]


def _order_notes(config: NetworkConfig) -> list[StackFinding]:
    """Note a data format that the framework's layers do not accept."""
    known = config.rules.data_formats
    if data_format(config) in known:
        return []
    order = Phrase(order_word, (known[0],))
    what = phrase("stack.layers_read", framework=config.rules.title, order=order)
    return [StackFinding(OTHER_ORDER, Severity.NOTE, (), what, phrase("stack.other_order"))]


def data_format(config: NetworkConfig) -> str:
    """Name of the order of the axes."""
    return "channels_last" if config.channels_last else "channels_first"


def order_word(data_format: str) -> str:
    """Name the order of the data in words.

    >>> order_word("channels_last")
    'channels last'
    """
    return say(f"word.{data_format}")


def more_poolings(network: Network) -> int:
    """Number of further pooling layers that fit; see `Stack.more_poolings`."""
    rows = network.done.rows
    shape = rows[-1].output_shape if rows else network.input_shape
    is_open = network.ends_early or len(network.done.outputs) > 1
    if network.done.failure is not None or is_open or len(shape) < 2:
        return 0
    poolings = (row.layer for row in reversed(rows) if isinstance(row.layer, Pool))
    like = next(poolings, Pool(2, 2))
    for more in range(MOST_POOLINGS):
        done = Network((like,), shape, network.config).done
        # A map of 1 stays 1 with "same": such layers would fit for ever.
        if done.failure is not None or done.rows[0].output_shape == shape:
            return more
        shape = done.rows[0].output_shape
    return MOST_POOLINGS
