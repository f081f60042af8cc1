"""Recurrent layers, attention, einops, weights as arguments: the outputs of the framework."""

from __future__ import annotations

import pytest

import poolviz as pv
from tests.support.model_lines import LINES, PARAMETERS, Line


@pytest.mark.parametrize("line", LINES, ids=[line.forward[:40] for line in LINES])
def test_outputs(line: Line) -> None:
    stack = pv.read_code(line.text, line.shape, "Net")

    assert (stack.output_shapes, stack.ok) == (line.outputs, True)


@pytest.mark.parametrize("layer", PARAMETERS)
def test_parameters(layer: str) -> None:
    call = "self.l(x, x, x)" if "Attention" in layer else "self.l(x)"
    is_single = any(word in layer for word in ("GRUCell", "RNNCell", "Encoder"))
    shape = (8,) if "Cell" in layer else (5, 8)
    line = Line(f"self.l = {layer}", f"return {call if is_single else f'{call}[0]'}", shape, ())
    stack = pv.read_code(line.text, shape, "Net")

    assert (stack.parameters, stack.ok) == (PARAMETERS[layer], True)


def test_a_pattern_that_does_not_fit() -> None:
    """einops 0.8.2 raises EinopsError."""
    line = Line("pass", 'return rearrange(x, "b c (h w) -> b c h w", h=5)', (3, 24), ())
    stack = pv.read_code(line.text, line.shape, "Net")

    assert stack.ok is None
    assert "does not fit" in str(stack.not_read[0])
