"""Nodes of an ONNX graph as code, with `onnx.helper` as `helper`."""

from __future__ import annotations

from poolviz.arithmetic.convolution.trace import ConvTrace
from poolviz.arithmetic.layers.pool import Pool
from poolviz.dialects.common.vocabulary import Op
from poolviz.dialects.common.write import Pairs, Writer, entries, has_padding, pairs, plain_op

_NAMES = {"max": "Max", "avg": "Average", "lp": "Lp"}
_AUTO_PAD = {"same": "SAME_UPPER", "same_lower": "SAME_LOWER"}


class OnnxWriter(Writer):
    """Nodes from an input "x" to an output "y"."""

    empty = "constant_values=-np.inf"
    has_lp = True

    def pool(self, layer: Pool, x: str = "x") -> str:
        words = [f"kernel_shape={list(entries(layer, 'kernel_size'))}"]
        if layer.stride is not None:
            words.append(f"strides={list(entries(layer, 'stride'))}")
        padding = pairs(layer)
        if layer.padding in _AUTO_PAD:
            words.append(f"auto_pad={_AUTO_PAD[str(layer.padding)]!r}")
        elif has_padding(padding):
            before, after = zip(*padding, strict=True)
            words.append(f"pads={[*before, *after]}")
        if set(entries(layer, "dilation")) != {1}:
            words.append(f"dilations={list(entries(layer, 'dilation'))}")
        if layer.op == "lp":
            words.append(f"p={layer.norm}")
        switches = ("ceil_mode", "count_include_pad")
        words += [f"{name}=1" for name in switches if getattr(layer, name)]
        return f"helper.make_node('{_NAMES[layer.op]}Pool', ['x'], ['y'], {', '.join(words)})"

    def convolution(self, traced: ConvTrace) -> str:
        layer = traced.layer
        words = [f"kernel_shape={list(entries(layer, 'kernel_size'))}"]
        if set(entries(layer, "stride")) != {1}:
            words.append(f"strides={list(entries(layer, 'stride'))}")
        if layer.padding in _AUTO_PAD:
            words.append(f"auto_pad={_AUTO_PAD[str(layer.padding)]!r}")
        elif layer.padding == "causal":
            words.append("auto_pad='CAUSAL'")
        elif has_padding(pairs(layer)):
            before, after = zip(*pairs(layer), strict=True)
            words.append(f"pads={[*before, *after]}")
        if set(entries(layer, "dilation")) != {1}:
            words.append(f"dilations={list(entries(layer, 'dilation'))}")
        extra = getattr(layer, "output_padding", None)
        if extra is not None:
            axes = extra if isinstance(extra, tuple) else (extra,) * len(traced.axes)
            words.append(f"output_padding={[*axes]}")
        if traced.groups > 1:
            words.append(f"group={traced.groups}")
        kind = "ConvTranspose" if traced.is_transposed else "Conv"
        inputs = "['x', 'w', 'b']" if layer.bias else "['x', 'w']"
        return f"helper.make_node('{kind}', {inputs}, ['y'], {', '.join(words)})"

    def global_pool(self, op: Op, ndim: int) -> str:
        return f"helper.make_node('Global{_NAMES[op]}Pool', ['x'], ['y'])"

    def converted(self, layer: Pool, padding: Pairs, divides: bool) -> list[str]:
        # The input is padded before the model runs, with NumPy, channels first.
        if divides or any(side < 0 for pair in padding for side in pair):
            return []
        if not has_padding(padding):
            return [self.pool(layer)]
        sides = ", ".join(map(str, [(0, 0), (0, 0), *padding]))
        return [f"x = np.pad(x, [{sides}]{self.fill(plain_op(layer.op))})", self.pool(layer)]


WRITER = OnnxWriter()
