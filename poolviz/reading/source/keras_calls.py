"""Inputs, models and settings of Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poolviz.i18n.phrase import phrase
from poolviz.reading.source import merging
from poolviz.reading.source.values import (
    NOT_OURS,
    Batch,
    Graph,
    Library,
    Tensor,
    Unknown,
    is_size,
    tensors_in,
)

if TYPE_CHECKING:
    from poolviz.reading.source.interpreter import Interpreter


def library_call(
    reader: Interpreter, library: Library, args: list[Any], named: dict[str, Any], line: int
) -> Any:
    """An input, a model, tensors that meet, the order of the data."""
    if not library.path.startswith("keras"):
        return NOT_OURS
    last = library.last
    if last in ("Input", "InputLayer"):
        return _input(reader, args, named)
    if last in ("Model", "Functional"):
        return _model(reader, args, named, line)
    if last in merging.KERAS and last.islower() and tensors_in(args[:1]):
        axis = args[1] if len(args) > 1 else named.get("axis", -1)
        return merging.merged(reader, last, tensors_in(args[:1]), named | {"axis": axis}, line)
    if last in ("set_image_data_format", "set_image_dim_ordering") and args:
        reader.channels_last_by_default = args[0] not in ("channels_first", "th")
        return None
    if last == "image_data_format":
        return "channels_last" if reader.channels_last_by_default else "channels_first"
    if last == "int_shape" and tensors_in(args):
        return reader.attribute(tensors_in(args)[0], "shape")
    return NOT_OURS


def _input(reader: Interpreter, args: list[Any], named: dict[str, Any]) -> Tensor:
    given = args[0] if args else named.get("shape", named.get("input_shape"))
    for word in ("batch_shape", "batch_input_shape"):
        if isinstance(named.get(word), list | tuple):
            given = tuple(named[word])[1:]
    return reader.recorder.source("keras", known_shape(given))


def known_shape(given: Any) -> tuple[int, ...] | None:
    """A shape without the batch; None where an entry of it is not known."""
    if is_size(given):
        given = (given,)
    if not isinstance(given, list | tuple) or not given:
        return None
    entries = tuple(given[1:] if isinstance(given[0], Batch) else given)
    return entries if all(map(is_size, entries)) else None


def first_shape(settings: dict[str, Any]) -> tuple[int, ...] | None:
    """The shape that the first layer of a `Sequential` is told."""
    if "batch_input_shape" in settings and isinstance(settings["batch_input_shape"], list | tuple):
        return known_shape(tuple(settings["batch_input_shape"])[1:])
    if "input_shape" in settings:
        return known_shape(settings["input_shape"])
    if "input_length" in settings:
        return known_shape(settings["input_length"])
    return known_shape(settings.get("input_dim"))


def _model(reader: Interpreter, args: list[Any], named: dict[str, Any], line: int) -> Any:
    inputs = args[0] if args else named.get("inputs", named.get("input"))
    outputs = args[1] if len(args) > 1 else named.get("outputs", named.get("output"))
    sources, ends = tensors_in([inputs]), tensors_in([outputs])
    if not sources or not ends:
        return Unknown(phrase("reading.unread.ends_of_model"), line)
    graph = Graph(sources[0], ends[0], line)
    name = named.get("name")
    graph.name = name if isinstance(name, str) else None
    if len(ends) > 1:
        why = phrase("reading.unread.first_output", count=len(ends))
        reader.recorder.note(ends[0], line, why)
    if not reader.is_inside:
        reader.made.append(graph)
    return graph
