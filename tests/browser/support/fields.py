"""Every text field of the widgets of a notebook: written into, answered, watched (fields.js)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import ConsoleMessage, Page

SHAPE = "28, 28, 1"
MESSAGE = (
    "ValueError: Negative dimension size caused by subtracting 2 from 1 for '{{{{node {0}/"
    'MaxPool}}}} = MaxPool[T=DT_FLOAT, data_format="NHWC", ksize=[1, 2, 2, 1], padding="VALID", '
    "strides=[1, 2, 2, 1]](Placeholder)' with input shapes: [?,1,14,64]. {0}"
)
CODE = (
    "import keras\nfrom keras import layers  # {0}\nmodel = keras.Sequential()\n"
    "model.add(layers.MaxPooling2D(2, name={0!r}))\n"
    "model.add(layers.MaxPooling2D(30, name={0!r}))\n"
    "model.add(layers.Strange({0!r}))\n"
)


class Pasted(NamedTuple):
    """What the decoder shows of a text."""

    title: str
    box: str  # what is in it
    quoted: str


class Answers(NamedTuple):
    """What was answered to a text that was written everywhere."""

    code: Pasted  # with the text in it
    refused: str  # as a shape
    network: str  # the title, once a shape is given
    written: dict[str, list[str]]  # what is in the fields of each cell
    complaints: dict[str, list[str]]  # of each cell
    message: Pasted  # with the text in it
    text: Pasted


@dataclass
class Sheet:
    """A notebook with a widget in each cell; the first cell imports."""

    page: Page
    cells: Sequence[str]
    live: Sequence[str]  # those in which is written
    errors: list[str]
    allowed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        def note(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.errors.append(message.text)

        self.page.on("console", note)
        self.page.add_script_tag(path=str(Path(__file__).with_suffix(".js")))

    def ask(self, expression: str, *given: Any) -> Any:
        """The value of `expression`, JavaScript with the list `given`."""
        return self.page.evaluate(f"async (given) => {expression}", list(given))

    def ask_cell(self, name: str, expression: str, *given: Any) -> Any:
        """The same with the number of a cell, `cell`, and its first view, `view`."""
        head = "const [cell, ...given] = all; const [view] = fields.views(cell);"
        return self.page.evaluate(
            f"async (all) => {{ {head} {expression} }}", [self.number(name), *given]
        )

    def number(self, name: str) -> int:
        """Of a cell, among all of the notebook."""
        return list(self.cells).index(name) + 1

    def numbers(self, names: Sequence[str]) -> list[int]:
        """Of several cells."""
        return [self.number(name) for name in names]

    def has_only_text(self) -> bool:
        """Nothing ran, nothing broke, nothing is there or was that may not be."""
        assert self.errors == []
        assert self.page.evaluate("() => window.hit") is None
        assert self.strange() == set()
        return True

    def strange(self) -> set[str]:
        """Return what appeared since the last call and is not allowed."""
        return {*self.ask("fields.takeSeen()")} - self.allowed

    def allow(self, text: str) -> None:
        """Allow what a harmless text leads to, and nothing else."""
        self.ask("fields.watch(given)", *self.numbers(self.live))
        self.do_all(text)
        inside = self.ask("given.flatMap(fields.inside)", *self.numbers(self.live))
        self.allowed = {*inside, *self.ask("fields.takeSeen()")}

    # --- what a user does ------------------------------------------------------------------------

    def do_all(self, text: str) -> Answers:
        """Write a text wherever one can be written."""
        self.give_shape("")
        code = self.paste(CODE.format(text))
        _, refused = self.give_shape(text)
        network, _ = self.give_shape(SHAPE)
        self.open_explorer()
        self.ask("fields.writeAll(given, given.pop())", *self.numbers(self.live), text)
        written = {name: self.values(name) for name in self.live}
        complaints = {name: self.complaints(name) for name in self.live}
        self.give_shape(SHAPE)
        message = self.paste(MESSAGE.format(text))
        return Answers(code, refused, network, written, complaints, message, self.paste(text))

    def values(self, name: str) -> list[str]:
        """Return the values of the fields of a cell."""
        found: list[str] = self.ask_cell(name, "return fields.of(cell).map((one) => one.value);")
        return found

    def complaints(self, name: str) -> list[str]:
        """Return the errors that the widgets of a cell show."""
        found: list[str] = self.ask_cell(
            name,
            "return fields.views(cell).map((one) => one.querySelector('.pv-problem').textContent)"
            ".filter(Boolean);",
        )
        return found

    def paste(self, text: str) -> Pasted:
        """Into the decoder."""
        found = self.ask_cell(
            "decoder",
            """
            const box = view.querySelector('.pv-paste');
            await fields.write(box, given[0]);
            const shown = (part) => view.querySelector(part)?.textContent ?? '';
            return [shown('.pv-verdict'), box.value, shown('.pv-says pre')];
            """,
            text,
        )
        return Pasted(*found)

    def give_shape(self, text: str) -> tuple[str, str]:
        """Return the title of the answer to the pasted code, and the error."""
        title, problem = self.ask_cell(
            "decoder",
            """
            const shape = view.querySelector('.pv-form input');
            await fields.write(shape, given[0]);
            return [view.querySelector('.pv-title').textContent, fields.problem(shape)];
            """,
            text,
        )
        return title, problem

    def open_explorer(self) -> None:
        """Below the decoder, until all of it is there."""
        button = "view.querySelector('.pv-show > button')"
        self.ask_cell("decoder", f"await fields.click(view, {button});")
        self.page.wait_for_function(
            "cell => fields.output(cell).querySelectorAll('.pv-stage[data-seq]').length === 3",
            arg=self.number("decoder"),
        )
