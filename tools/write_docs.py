"""Write the parts of the documentation that come from the code.

    .venv/bin/python -m tools.write_docs

`docs/api.md` and the labs for students as a whole; the tables of `docs/course-plan.md`, the hours
of `README.md`, the table of misconceptions in `docs/instructor-guide.md`, the table of dialects in
`docs/glossary.md`, and the recorded tables of `docs/arrays.md`. A test compares the files with what
this script would write.
"""

from __future__ import annotations

import re
from pathlib import Path

import poolviz as pv
from poolviz.i18n.catalogue import say, using_language
from tools.writing import api_reference, array_tables, course_plan, labs

README = Path(__file__).resolve().parent.parent / "README.md"
DOCS = Path(__file__).resolve().parent.parent / "docs"

# An exercise that reveals a misconception, and an answer that shows it.
MISCONCEPTIONS = (
    ("size-plain", "1, 1"),
    ("size-padded", "30, 30"),
    ("size-two-axes", "10, 5"),
    ("formula-below-zero", "0"),
    ("effective-kernel", "8"),
    ("tensorflow-message-numbers", "4, 7"),
    ("stride-over-the-input", "an error is raised"),
    ("unread-in-a-row", "3, 4, 8, 9"),
    ("same-with-a-large-kernel", "7 × 7"),
    ("same-with-a-large-kernel", "an error is raised"),
    ("same-split", "2, 2"),
    ("max-in-the-padding", "0"),
    ("change-that-helps", "nn.MaxPool2d(15, stride=3)"),
    ("one-change", "stride=17"),
    ("who-raises", "PyTorch, TensorFlow, Keras, JAX, onnxruntime"),
    ("layer-that-took-most", "conv1"),
    ("layer-that-fails", "pool2"),
    ("smallest-for-poolings", "8"),
    ("division-with-a-rest", "an error is raised"),
    ("gradient-through-max", "4/9"),
)


def misconceptions() -> str:
    """Return the rows of the instructor guide, each with what the feedback says."""
    lines = ["| what students think | exercise | answer | feedback |", "|---|---|---|---|"]
    for id, answer in MISCONCEPTIONS:
        question = pv.exercise(id, language="en")
        feedback = question.check(answer)
        with using_language("en"):
            thought = say(f"concept.thinks.{feedback.misconception}")
        said = feedback.text.removeprefix("Not yet. ")
        lines.append(f"| {thought} | `{id}` ({question.notebook}) | {answer} | {said} |")
    return "\n".join(lines)


# The functions of each column, and arguments that another function has.
FUNCTIONS = {
    "pytorch": "PyTorch",
    "tensorflow": "TensorFlow (`tf.nn.max_pool2d`)",
    "keras": "Keras",
    "jax": "JAX (`flax.linen.max_pool`)",
    "onnxruntime": "onnxruntime",
    "mlx": "MLX",
}
ELSEWHERE = {
    ("tensorflow", "dilation"): "– (`dilations` in `tf.nn.pool`)",
    ("jax", "dilation"): "– (`window_dilation` in `jax.lax.reduce_window`)",
    ("jax", "count_include_pad"): "`count_include_pad` (in `avg_pool`)",
}


def dialects() -> str:
    """poolviz's words beside those of each framework, as the rules have them."""
    lines = [f"| {' | '.join(FUNCTIONS[name] for name in pv.FRAMEWORKS)} |"]
    lines.append("|---" * len(pv.FRAMEWORKS) + "|")
    for word in pv.FRAMEWORKS["pytorch"].vocabulary:
        own = [
            ELSEWHERE.get((name, word)) or _as_code(rules.vocabulary.get(word))
            for name, rules in pv.FRAMEWORKS.items()
        ]
        lines.append(f"| {' | '.join(own)} |")
    return "\n".join(lines)


def _as_code(word: str | None) -> str:
    return f"`{word}`" if word else "–"


def with_block(text: str, name: str, content: str) -> str:
    """Return a text with the part between its marks replaced."""
    pattern = rf"(<!-- {name}: [^>]*-->\n).*?(<!-- end -->)"
    found, count = re.subn(
        pattern, lambda match: f"{match[1]}\n{content}\n\n{match[2]}", text, flags=re.DOTALL
    )
    assert count == 1, f"no place for {name}"
    return found


def contents() -> dict[Path, str]:
    """Return each file with its expected content."""
    guide, glossary = DOCS / "instructor-guide.md", DOCS / "glossary.md"
    arrays = DOCS / "arrays.md"
    return {
        **labs.contents(),
        DOCS / "api.md": api_reference.page(),
        README: with_block(README.read_text("utf-8"), "hours", course_plan.hours()),
        DOCS / "course-plan.md": _course_plan((DOCS / "course-plan.md").read_text("utf-8")),
        guide: with_block(guide.read_text(encoding="utf-8"), "misconceptions", misconceptions()),
        arrays: _array_tables(arrays.read_text(encoding="utf-8")),
        glossary: with_block(glossary.read_text(encoding="utf-8"), "dialects", dialects()),
    }


def _course_plan(text: str) -> str:
    for part in (course_plan.hours, course_plan.matrix, course_plan.courses):
        text = with_block(text, part.__name__, part())
    return text


def _array_tables(text: str) -> str:
    blocks = {
        "versions": array_tables.versions(),
        "dtypes": array_tables.dtypes(),
        "arguments": array_tables.arguments(),
    }
    for kind in ("max", "avg", "adaptive max", "global max", "lp", "lp inf"):
        blocks[f"nan {kind}"] = array_tables.nan(kind)
    for name, content in blocks.items():
        text = with_block(text, name, content)
    return text


def main() -> None:
    for path, text in contents().items():
        path.write_text(text, encoding="utf-8")
        print(f"{path.name}: written")


if __name__ == "__main__":
    main()
