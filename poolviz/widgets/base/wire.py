"""The wire format: what the widgets and their JavaScript send each other, as in types.d.ts.

Keys are in the case of JavaScript where they are more than one word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from poolviz.drawing.output.geometry import Geometry as Geometry
from poolviz.drawing.output.geometry import PlaneGeometry as Plane

# From the browser: checked where it is read, because anything may arrive there.
Request = Mapping[str, object]
# To the browser: one of the states below, or a part of one.
State = Mapping[str, object]

Cell = tuple[int, int]  # row and column
Option = list[str]  # a value and the text shown for it


class PictureState(TypedDict):
    """Part of every state with one picture."""

    title: str
    alt: str
    width: float
    height: float


class Finding(TypedDict):
    """A finding, or a note in the list of findings."""

    severity: str
    text: str


class Fix(TypedDict):
    """A fix with its line of code."""

    text: str
    code: str
    gives: NotRequired[str]
    also: NotRequired[str]
    applies: NotRequired[bool]


# --- explorer ------------------------------------------------------------------------------------


class ConvolutionSettings(TypedDict):
    """The values of the controls that only convolutions have."""

    kind: str
    channels: int
    built_for: int | None
    out_channels: int
    groups: int
    output_padding: list[int] | None
    bias: bool
    preset: str
    weight_seed: int
    weights: str | None  # typed
    in_channel: int
    out_channel: int


class Settings(TypedDict):
    """The values of the explorer's controls, one entry per axis."""

    input_size: list[int]
    kernel_size: list[int]
    output_size: NotRequired[list[int | None] | str]  # "global", or missing with a kernel
    stride: list[int] | None
    padding: str | list[list[int]]
    dilation: list[int]
    ceil_mode: bool
    op: str
    count_include_pad: bool | None
    norm: float | str  # "inf", which JSON has not
    divisor_override: int | None
    framework: str
    seed: int
    values: str | None
    slice: int
    show: list[str]
    axes: list[str]
    convolution: NotRequired[ConvolutionSettings]


class AxisFormula(TypedDict):
    """The size of one axis with its numbers."""

    name: str
    formula: str
    dilation: str
    fails: bool


class FrameworkOutcome(TypedDict):
    """The outcome of the layer in one framework."""

    name: str
    title: str
    version: str
    text: str
    short: str
    outcome: str


class SceneWords(TypedDict):
    """Everything the browser shows of a scene except its picture."""

    verdict: str
    because: str
    title: str
    subtitle: str
    level: str
    alt: str
    detail: str
    insights: list[str]
    says: str
    code: str
    axes: list[AxisFormula]
    findings: list[Finding]
    fixes: list[Fix]
    frameworks: list[FrameworkOutcome]
    geometry: Geometry


class TaskState(TypedDict):
    """A task, and what the present setting is worth: shown once it is checked."""

    text: str
    mark: str
    score: float
    feedback: str


class ExplorerState(SceneWords):
    """State of a PoolExplorer."""

    task: TaskState | None

    settings: Settings
    valuesText: str | None
    weightsText: str | None  # of the shown channels; None for a pooling layer
    presets: list[Option]
    outChannels: int
    frameworkNames: list[Option]
    layers: list[Option]
    examples: list[Option]
    context: int  # answers ahead are valid while it stays


# --- other widgets -------------------------------------------------------------------------------


class SizeMapState(PictureState):
    """State of the chart of a SizeMap."""

    plane: Plane
    here: Cell | None
    sentences: list[list[str]]
    kinds: list[list[str]]
    x: str
    y: str
    axis: str
    axes: list[Option]
    parameters: list[Option]


class Panel(TypedDict):
    """Where a framework is in the picture of a comparison."""

    box: list[float]
    framework: str | None


class ComparisonRow(TypedDict):
    """One framework in the table of a comparison."""

    framework: str
    title: str
    version: str
    outcome: str
    text: str
    isReference: bool
    kind: str
    why: str
    code: str
    same: str


class VariantRow(TypedDict):
    """A way to run a framework that gives another result."""

    title: str
    version: str
    text: str
    why: str


class Variants(TypedDict):
    """The folded list of variants."""

    summary: str
    listed: list[VariantRow]


class ComparisonState(PictureState):
    """State of the picture of a FrameworkComparison."""

    panels: list[Panel]
    rows: list[ComparisonRow]
    variants: Variants


class StackRow(TypedDict):
    """A line of the table of layers; `index` is None in a gap."""

    index: int | None
    cells: list[str]
    note: str
    fails: bool


class NetworkPlace(TypedDict):
    """A feature map in the picture; `first` to `last` are the layers that produce it."""

    box: list[float]
    first: int | None
    last: int | None


class ChosenLayer(TypedDict):
    """The chosen layer."""

    chosen: int | None
    chosenLabel: str
    layerText: str
    line: str


class NetworkState(PictureState, ChosenLayer):
    """Everything derived from a stack and the chosen layer."""

    verdict: str
    level: str
    input: str
    framework: str | None
    frameworks: list[Option]
    dataFormat: str | None
    dataFormats: list[Option]
    findings: list[Finding]
    hasMinimum: bool
    fixes: list[Fix]
    says: str
    columns: list[str]
    rows: list[StackRow]
    detail: str
    places: list[NetworkPlace]


class StackState(NetworkState):
    """State of a StackExplorer."""

    note: str


class AnswerState(PictureState):
    """Everything derived from the text in an ErrorDecoder."""

    text: str
    shape: str
    asksShape: bool
    verdict: str
    level: str
    sentences: list[str]
    fixesTitle: str
    fixes: list[Fix]
    quoted: str
    canOpen: bool
    detail: str


class DecoderState(AnswerState):
    """State of an ErrorDecoder."""

    textNumber: int
    isOpen: bool


class QuestionState(TypedDict):
    """A question, whatever was answered."""

    id: str
    key: str
    kind: str
    level: int
    question: str
    block: str
    form: str
    choices: list[str]
    wanted: str


class QuestionPlane(TypedDict):
    """Cells to click on."""

    left: float
    top: float
    side: float
    rows: int
    columns: int
    axes: int


class QuestionPicture(TypedDict):
    """Size and words of a question's picture; sizes are 0 without one."""

    alt: str
    width: float
    height: float
    plane: QuestionPlane | None


class CardState(QuestionState, QuestionPicture):
    """State of an ExerciseCard."""

    answer: object
    feedback: str
    mark: str
    hint: str
    solution: str
    place: int
    of: int
    solved: int
