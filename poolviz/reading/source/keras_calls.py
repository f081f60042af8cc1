"""Inputs, models and settings of Keras."""

from __future__ import annotations

from poolviz.arithmetic.open_size import OpenSize
from poolviz.i18n.phrase import phrase
from poolviz.reading.graph.joins import join_of
from poolviz.reading.graph.symbolic_tensor import Batch, SymbolicTensor, leaves, tensors_in
from poolviz.reading.source.context import ReadingContext
from poolviz.reading.source.layer_calls import merged
from poolviz.reading.source.values import (
    UNHANDLED,
    Args,
    Chain,
    FunctionalModel,
    LayerObject,
    Library,
    Named,
    Unhandled,
    Unknown,
    Value,
    is_size,
    known_sizes,
)


def library_call(
    reader: ReadingContext, library: Library, args: Args, named: Named, line: int
) -> Value | Unhandled:
    """Return an input, a model, tensors that join, the order of the data."""
    if not library.path.startswith("keras"):
        return UNHANDLED
    last = library.last
    if last in ("Input", "InputLayer"):
        return _input(reader, args, named)
    if last in ("Model", "Functional"):
        return _model(reader, args, named, line)
    if join_of(last) is not None and last.islower() and tensors_in(args[:1]):
        axis = args[1] if len(args) > 1 else named.get("axis", -1)
        return merged(reader, last, tensors_in(args[:1]), named | {"axis": axis}, line)
    if last in ("set_image_data_format", "set_image_dim_ordering") and args:
        reader.channels_last_by_default = args[0] not in ("channels_first", "th")
        return None
    if last == "image_data_format":
        return "channels_last" if reader.channels_last_by_default else "channels_first"
    if last == "preprocess_input" and tensors_in(args):
        return tensors_in(args)[0]  # other numbers in the same shape
    if last in ("correct_pad", "obtain_input_shape"):
        return _of_applications(reader, last, args, named)
    if last in ("int_shape", "shape") and tensors_in(args):
        return reader.attribute(tensors_in(args)[0], "shape")
    return UNHANDLED


def _input(reader: ReadingContext, args: Args, named: Named) -> SymbolicTensor:
    given = args[0] if args else named.get("shape", named.get("input_shape"))
    for word in ("batch_shape", "batch_input_shape"):
        whole = named.get(word)
        if isinstance(whole, list | tuple):
            given = tuple(whole[1:])
    name = named.get("name")
    title = name if isinstance(name, str) else None
    made = reader.graph.source("keras", known_shape(given), name=title)
    sizes = given if isinstance(given, list | tuple) else ()
    stated = known_sizes([OpenSize() if size is None else size for size in sizes])
    if made.shape is None and stated:
        reader.graph.wanted[made.key] = stated
    return made


def _of_applications(reader: ReadingContext, name: str, args: Args, named: Named) -> Value:
    """Helpers of `keras.applications`: the padding of a stride of 2, a shape or its default."""
    last = reader.channels_last_by_default
    if name == "obtain_input_shape":
        given, size = args[0] if args else named.get("input_shape"), named.get("default_size")
        usual = (size, size, 3) if last else (3, size, size)
        return usual if given is None else given
    words = dict(zip(("inputs", "kernel_size"), args, strict=False)) | named
    tensor, kernel = words.get("inputs"), words.get("kernel_size")
    if not isinstance(tensor, SymbolicTensor) or not isinstance(kernel, int):
        return Unknown(phrase("reading.unread.result", name=name))
    half, shape = kernel // 2, tensor.shape
    if shape is None or len(shape) != 3:  # as Keras does for a size of None
        return ((half - 1, half), (half - 1, half))
    return tuple((half - 1 + size % 2, half) for size in (shape[:2] if last else shape[1:]))


def known_shape(given: Value) -> tuple[int, ...] | None:
    """Return a shape without the batch; None where an entry of it is not known."""
    if is_size(given):
        given = (given,)
    if not isinstance(given, list | tuple) or not given:
        return None
    return known_sizes(given[1:] if isinstance(given[0], Batch) else given)


def first_shape(settings: Named) -> tuple[int, ...] | None:
    """Return the input shape in the settings of the first layer of a `Sequential`."""
    whole = settings.get("batch_input_shape")
    if isinstance(whole, list | tuple):
        return known_shape(tuple(whole[1:]))
    if "input_shape" in settings:
        return known_shape(settings["input_shape"])
    if "input_length" in settings:
        return known_shape(settings["input_length"])
    return known_shape(settings.get("input_dim"))


def _model(reader: ReadingContext, args: Args, named: Named, line: int) -> Value:
    inputs = _by_key(args[0] if args else named.get("inputs", named.get("input")))
    outputs = args[1] if len(args) > 1 else named.get("outputs", named.get("output"))
    outputs = _by_key(outputs)
    sources, ends = tensors_in([inputs]), tensors_in([outputs])
    if not sources or not ends:
        why = phrase("reading.unread.ends_of_model")
        if args or named:
            reader.unread_model(line, why)
        return Unknown(why, line)
    unknown = [each for each in leaves([outputs]) if isinstance(each, Unknown)]
    ends += [reader.lost(sources[:1], each.line or line, each.why) for each in unknown]
    graph = FunctionalModel(tuple(sources), tuple(ends), line)
    name = named.get("name")
    graph.name = name if isinstance(name, str) else None
    if not reader.is_inside:
        reader.made.append(graph)
    return graph


def _by_key(value: Value) -> Value:
    """Return the values of a dictionary in the order of its keys, as Keras 3.15.1 has them."""
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return [_by_key(value[key]) for key in sorted(value)]
    if isinstance(value, list | tuple):
        return [_by_key(each) for each in value]
    return value


def chain_shape(model: Value) -> tuple[int, ...] | None:
    """Return the input shape of a `Sequential`: of its `Input`, or its first layer."""
    if isinstance(model, FunctionalModel):
        return model.sources[0].shape
    if isinstance(model, LayerObject):
        return first_shape(model.settings)
    if not isinstance(model, Chain):
        return None
    if model.source is not None:
        return model.source.shape
    return chain_shape(model.modules[0]) if model.modules else None
