"""Forms of messages that are not recorded: older versions, other layers, other frameworks."""

from __future__ import annotations

import html

import pytest

from poolviz.arithmetic.framework_names import FRAMEWORK_NAMES
from poolviz.messages.message import MessageKind
from poolviz.reading.messages import decode
from tests.messages.decode_cases import FORMS, Form

# --- forms that are not recorded -----------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.text[:60])
def test_form(form: Form) -> None:
    message = decode(form.text)

    assert message is not None
    assert (form.framework, form.kind, form.axis) == (
        message.framework,
        message.kind,
        message.axis,
    )
    if form.op is not None:
        assert form.op == message.op
    if form.axes is not None:
        assert len(form.axes) == len(message.axes)
        for said, axis in zip(form.axes, message.axes, strict=True):
            assert said == {name: getattr(axis, name) for name in said}
    for name, value in form.facts.items():
        assert value == getattr(message, name), name


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.text[:60])
def test_form_in_words_names_its_numbers(form: Form) -> None:
    """One paragraph: where, what, why, what would help; safe as HTML."""
    message = decode(form.text)

    assert message is not None
    words = str(message)
    assert "\n" not in words
    assert words == repr(message)
    assert html.escape(words) in message._repr_html_()
    for axis in message.axes:
        if axis.name == message.axis and axis.span is not None and form.kind is MessageKind.NO_FIT:
            assert str(axis.span) in words
    for size in (*message.expected, *message.got):
        assert f"{size:,}" in words or str(size) in words


def test_there_are_about_sixty_forms_of_every_framework() -> None:
    frameworks = {form.framework for form in FORMS}

    assert len(FORMS) >= 60
    assert {"theano", "mxnet", "dl4j", "caffe", "jax", "onnxruntime", *FRAMEWORK_NAMES} <= (
        frameworks
    )
