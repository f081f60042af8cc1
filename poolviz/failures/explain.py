"""`explain` and `check`: a model or an error, without running anything."""

from __future__ import annotations

import sys
from typing import Any

from poolviz.diagnosis.network.stack import Stack
from poolviz.failures.find_failure import find_failure
from poolviz.i18n.keywords import answers_keywords
from poolviz.reading.as_stack import as_stack
from poolviz.reading.messages import Message, decode


@answers_keywords()
def check(model: Any, given: Any = None) -> Stack:
    """Follow a model on an input without computing: which layer fails, why, and what helps.

    Parameters
    ----------
    model
        As for `read_model`: a model of PyTorch, Keras or Flax, or layers; or source code.
    given
        The input shape without the batch, as a tuple; or a batch, of which only the shape is read.
        None: as the model has it. Model and input may be swapped.

    Returns
    -------
    Stack
        `ok`, `diagnosis` and `fixes` say what is wrong.

    Raises
    ------
    InputShapeNeeded, TypeError, ValueError
        As `read_model` and `read_code`.

    Examples
    --------
    >>> from poolviz import Pool
    >>> check([Pool(2), Pool(15)], (3, 20, 20)).first_failure.index
    1
    """
    if given is not None and hasattr(model, "shape") and not callable(model):
        model, given = given, model  # a batch and a model
    shape = getattr(given, "shape", None)
    return as_stack(model, given if shape is None else tuple(map(int, shape[1:])))


@answers_keywords()
def explain(given: object = None) -> Stack | Message | None:
    """Explain an error with the model in its traceback, or a model.

    Parameters
    ----------
    given
        An exception that was caught; a model, or whatever `check` takes. None: the error that a
        notebook or an interactive Python showed last.

    Returns
    -------
    Stack, Message or None
        The stack of the model in the traceback, with the names of the user; where the model cannot
        be read, what the message says, as from `decode`; None for an error about something else.

    Raises
    ------
    InputShapeNeeded, TypeError, ValueError
        As `check`, for anything but an exception; ValueError where no error was shown.

    Examples
    --------
    >>> explain(RuntimeError("Given input size: (64x1x9). Calculated output size: (64x0x4). "
    ...                      "Output size is too small")).axis
    'height'
    """
    if given is None:
        given = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)  # 3.12 and older
        if given is None:
            raise ValueError("no error was shown yet; pass an exception, or a model")
    if not isinstance(given, BaseException):
        return check(given)
    found = find_failure(given)
    return decode(given) if found is None else found.answer
