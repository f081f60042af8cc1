"""Write the parts of the documentation that come from the code.

    .venv/bin/python -m tools.write_docs

`docs/api.md` as a whole, the table of misconceptions in `docs/instructor-guide.md`, the table of
dialects in `docs/glossary.md`, and the recorded tables of `docs/arrays.md`. A test compares the
files with what this script would write.
"""

from __future__ import annotations

import re
from pathlib import Path

import poolviz as pv
from tools import api_reference, array_tables

DOCS = Path(__file__).resolve().parent.parent / "docs"

# A misconception, the exercise that reveals it, and an answer that shows it.
MISCONCEPTIONS = (
    ("n − k, divided by the stride, is the number of windows", "size-plain", "1, 1"),
    ("padding counts once", "size-padded", "30, 30"),
    ("width comes first", "size-two-axes", "10, 5"),
    ("a size stops at 0", "formula-below-zero", "0"),
    ("a dilated kernel is d·k long", "effective-kernel", "8"),
    ("the first number in the message is the input", "tensorflow-message-numbers", "4, 7"),
    ("a stride can be too large", "stride-over-the-input", "an error is raised"),
    ("only gaps between windows are unread", "unread-in-a-row", "3, 4, 8, 9"),
    ('"same" means the same size', "same-with-a-large-kernel", "7 × 7"),
    ('"same" can fail', "same-with-a-large-kernel", "an error is raised"),
    ('"same" is half the kernel on both sides', "same-split", "2, 2"),
    ("padding is zeros", "max-in-the-padding", "0"),
    ("less padding makes a kernel fit", "change-that-helps", "nn.MaxPool2d(15, stride=3)"),
    ("another stride makes a kernel fit", "one-change", "stride=17"),
    ("every framework does the same", "who-raises", "PyTorch, TensorFlow, Keras, JAX, onnxruntime"),
    ("the layer that fails is to blame", "layer-that-took-most", "conv1"),
    ("the error comes from the last layer that runs", "layer-that-fails", "pool2"),
    ("a network needs the product of its strides", "smallest-for-poolings", "8"),
    ("the division must leave no remainder", "division-with-a-rest", "an error is raised"),
    ("max pooling divides its gradient among the cells", "gradient-through-max", "4/9"),
)


def misconceptions() -> str:
    """Return the rows of the instructor guide, each with what the feedback says."""
    lines = ["| what students think | exercise | answer | feedback |", "|---|---|---|---|"]
    for thought, id, answer in MISCONCEPTIONS:
        question = pv.exercise(id, language="en")
        said = question.check(answer).text.removeprefix("Not yet. ")
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
        DOCS / "api.md": api_reference.page(),
        guide: with_block(guide.read_text(encoding="utf-8"), "misconceptions", misconceptions()),
        arrays: _array_tables(arrays.read_text(encoding="utf-8")),
        glossary: with_block(glossary.read_text(encoding="utf-8"), "dialects", dialects()),
    }


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
