"""Statements that are true or not, several at once; for the concept test."""

from __future__ import annotations

from itertools import chain, combinations

from poolviz.arithmetic.layers.pool import Pool
from poolviz.arithmetic.trace import trace
from poolviz.dialects.common.dialect import call_code
from poolviz.exercises.answers.choices import Option, Several
from poolviz.exercises.case import Case, Draw, Slip, template
from poolviz.exercises.questions.myths import KIND
from poolviz.i18n.catalogue import say
from poolviz.i18n.phrase import by

TRUE = frozenset({"fits", "average"})
# A statement → the wrong rule of those who take it for true.
WRONG = {
    "remainder": "division_must_be_exact",
    "large": "stride_must_fit",
    "zeros": "zeros_for_padding",
    "shared": "gradient_shared",
    "dilated": "dilation_times_kernel",
}


@template("12", 2, KIND)
def true_statements(draw: Draw) -> Case | None:
    """Two true statements and five wrong ones, two of them about a call that works."""
    size, kernel, stride = draw.number(7, 16), draw.number(2, 4), draw.number(2, 4)
    dilation = draw.number(2, 4)
    remainder, large = Pool(kernel, stride), Pool(kernel, size + draw.number(1, 9))
    works = all(trace(layer, size).outcome == "ok" for layer in (remainder, large, Pool(kernel)))
    if (size - kernel) % stride == 0 or not works:
        return None
    texts = {
        "fits": say("claim.fits", code=call_code(Pool(kernel), 2), size=by((kernel, kernel))),
        "average": say("claim.average"),
        "remainder": say(
            "claim.remainder",
            code=call_code(remainder, 2),
            size=by((size, size)),
            stride=stride,
            room=size - kernel,
        ),
        "large": say("claim.large", code=call_code(large, 2), size=by((size, size))),
        "zeros": say("claim.zeros"),
        "shared": say("claim.shared"),
        "dilated": say("claim.dilated", kernel=kernel, dilation=dilation, span=kernel * dilation),
    }
    options = tuple(Option(key, texts[key]) for key in draw.shuffled(texts))
    some = chain.from_iterable(combinations(sorted(TRUE), n) for n in range(len(TRUE)))
    parts = [frozenset(part) for part in some]
    return Case(
        form=Several(options),
        right=TRUE,
        fields={},
        listed=tuple(Slip(name, TRUE | {key}) for key, name in WRONG.items()),
        others=tuple(Slip(name, part | {key}) for key, name in WRONG.items() for part in parts),
    )


TEMPLATES = (true_statements,)
