"""Texts about messages, code and models are in the catalogue, and formed when they are read."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import poolviz as pv
from poolviz.diagnosis.network.source import InputShapeNeeded, NoModel, NotRead
from poolviz.i18n import catalogue as language
from poolviz.i18n.catalogue import texts, using_language
from poolviz.messages.message import MessageKind
from poolviz.reading.explain import explain
from poolviz.reading.layer_literals import read_layers, read_shape
from poolviz.reading.message_summary import headline
from poolviz.reading.messages import Message, decode
from poolviz.reading.remedies import remedies_of
from tests.i18n.test_texts import prose_in
from tests.messages.decode_cases import FORMS, Form
from tests.reading.source.code_texts import conv_net
from tests.reading.source.test_unknown_code import UNKNOWN_WAYS
from tests.support import fake_frameworks as fakes

READING = [
    path
    for folder in ("reading", "dialects", "messages", "diagnosis/network")
    for path in sorted((Path(pv.__file__).parent / folder).rglob("*.py"))
    if folder != "diagnosis/network" or path.name == "source.py"
    if path.name != "network_errors.py"  # the frameworks' words
]
OURS = {key: text for key, text in texts("en").items() if key.startswith("reading.")}
ENGLISH_WORDS = re.compile(
    r"\b(?:the|is|are|of|and|or|not|no|to|with|from|for|its|it|that|than|one|which|what|"
    r"does|has|have|text|axis|input|line|layer|layers)\b"
)
# Code, quotations, and names that frameworks, Python or the user give to something.
NO_PROSE = re.compile(r"`[^`]*`|„[^“]*“|\"[^\"]*\"|\{\w+\}|\w+=\S+|[\w.]+\(.*?\)|\w+\.\w+|\w*_\w*")


def english_words(german: str) -> list[str]:
    """English words outside of code."""
    return ENGLISH_WORDS.findall(NO_PROSE.sub(" ", german))


# --- messages ------------------------------------------------------------------------------------

TENSORFLOW = (
    "Negative dimension size caused by subtracting 5 from 3 for 'conv1/Conv2D' (op: 'Conv2D') "
    "with input shapes: [?,3,64,64], [5,5,64,8]."
)
PYTORCH = (
    "RuntimeError: Calculated padded input size per channel: (2 x 9). Kernel size: (3 x 12). "
    "Kernel size can't be greater than actual input size"
)
PADDING = (
    "max_pool2d(): pad should be at most half of effective kernel size, "
    "but got pad=4, kernel_size=7"
)
LINEAR = (
    "x = self.conv1(x)\nRuntimeError: mat1 and mat2 shapes cannot be multiplied (320x70 and 560x10)"
)
CHANNELS = (
    "Given groups=1, weight of size [8, 1, 5, 5], expected input[32, 28, 28, 1] to have 1 "
    "channels, but got 28 channels instead"
)
GERMAN = {
    TENSORFLOW: (
        "TensorFlow, Faltung, Schicht „conv1“, Höhe: Kein Fenster passt. Das Fenster 5 ist länger"
        " als die Eingabe 3. "
        "Eine Höhe von 3 neben einer langen Achse ist oft die Kanalzahl: Prüfe, ob die Daten ihre"
        " Kanäle zuerst haben, das Modell sie aber zuletzt erwartet. Wenn nicht, haben die "
        "Schichten davor die Höhe verkleinert. "
        "Mögliche Abhilfe: die Kanäle der Daten ans Ende stellen, falls "
        "sie vorn stehen; eine größere Eingabe, damit hier mindestens 5 ankommen; eine "
        "Pooling-Schicht (oder ein Stride von 2) weniger vor dieser Schicht: Jede "
        "halbiert die Feature-Map; ein Kernel von höchstens 3."
    ),
    PYTORCH: (
        "PyTorch, Faltung, Höhe und Breite: Kein Fenster passt. Höhe: das Fenster 3 ist länger "
        "als die aufgefüllte Eingabe 2; Breite: das Fenster 12 ist länger als die aufgefüllte "
        "Eingabe 9. Mögliche Abhilfe: eine größere Eingabe, damit hier mindestens 3 ankommen; "
        "eine Pooling-Schicht (oder ein Stride von 2) weniger vor dieser Schicht: Jede halbiert "
        "die Feature-Map; ein Kernel von höchstens 2; "
        "mehr Padding in dieser Schicht."
    ),
    PADDING: (
        "PyTorch, Max-Pooling: Das Padding ist größer, als das Framework erlaubt (4 bei einem "
        "Kernel von 7). Mögliche Abhilfe: höchstens padding=3 (7//2): PyTorch erlaubt die halbe "
        "Kernelgröße, unabhängig von der Dilation. Der Text nennt die Achse nicht."
    ),
    LINEAR: (
        "PyTorch, lineare Schicht: Die Schicht ist für 560 Merkmale gebaut, und die Eingabe hat 70."
        " Wenn hier eine Feature-Map ankommt, fehlt vor der Schicht ein Flatten: Die 22.400 "
        "Zahlen der Eingabe sind 40 × 560, in 320 Zeilen zu 70. Mögliche Abhilfe: vor der Schicht"
        " Flatten auf die Feature-Map anwenden."
    ),
    CHANNELS: (
        "PyTorch, Faltung: Die Gewichte erwarten 1 Kanal, und die Eingabe hat 28. Die letzte "
        "Achse der Eingabe ist 1: Die Daten haben ihre Kanäle sehr wahrscheinlich zuletzt, und "
        "die Schicht erwartet sie zuerst. Mögliche Abhilfe: die Kanäle an den Anfang stellen."
    ),
}


def decoded(text: str) -> Message:
    message = decode(text)
    assert message is not None
    return message


@pytest.mark.parametrize("text", GERMAN, ids=["tensorflow", "pytorch", "pad", "linear", "channels"])
def test_a_message_in_german(text: str) -> None:
    """The message is the same fact in each language; also one that was read before."""
    message = decoded(text)
    english = str(message)
    with using_language("de"):
        assert str(message) == GERMAN[text]
        assert decoded(text) == message

    assert str(message) == english


def sentences_of(message: Message) -> list[str]:
    """Headline, causes, fixes of the kind and notes."""
    fixes = [str(remedy.words) for remedy in remedies_of(message)]
    return [headline(message), *message.causes, *fixes, *message.notes]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.text[:60])
def test_nothing_english_is_left_of_a_message(form: Form) -> None:
    """Headline, advice and notes; the fixes are the diagnosis's."""
    message = decoded(form.text)
    english = sentences_of(message)
    with using_language("de"):
        german = sentences_of(message)

    assert len(english) == len(german)
    for said, other in zip(english, german, strict=True):
        assert other != said or not said
        assert english_words(other) == []


def test_every_kind_of_message_was_heard() -> None:
    assert {form.kind for form in FORMS} <= set(MessageKind)


def test_english_is_noticed() -> None:
    assert english_words("Das Fenster 3 is longer than `the input`") == ["is", "than"]
    assert english_words('Die `input`-Form, padding="the same", F.pad(input)') == []


def test_a_message_costs_no_words_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of many messages, and code that is not understood, are read without the catalogue."""
    text = conv_net("x = Attention(8)(x)", "x = x @ weight")

    def refused(name: str) -> dict[str, str]:
        raise AssertionError("a text was asked for")

    monkeypatch.setattr(language, "texts", refused)
    message, stack = decoded(TENSORFLOW), pv.read_code(text)
    with pytest.raises(AssertionError, match="a text was asked for"):
        str(message.notes)
    with pytest.raises(AssertionError, match="a text was asked for"):
        str(stack.not_read[0])


# --- code and models -----------------------------------------------------------------------------


def test_what_was_not_read_in_german() -> None:
    stack = pv.read_code(conv_net("x = self.conv(x)", "x = Attention(8)(x)", "x = self.pool(x)"))
    with using_language("de"):
        heard = [str(each) for each in stack.not_read]

    assert heard == [
        "Zeile 8: `x = Attention(8)(x)`: Attention ist nirgends definiert; der Stack endet davor, "
        "1 spätere Schicht fehlt"
    ]
    assert stack.not_read[0].why.startswith("Attention is not defined; ")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("x = torch.cat([x, x], dim=0)", "es arbeitet entlang der Batch-Achse"),
        ("x = x.mean([2, 7])", "Achse 7 eines Tensors mit 4 Achsen"),
        ("x = nn.GroupNorm(3, 8)(x)", "8 Kanäle lassen sich nicht auf 3 Gruppen verteilen"),
        (
            "x = F.interpolate(x, size=unknown)",
            "size ist unbekannt: unknown ist nirgends definiert",
        ),
        ("x = nn.MaxPool2d(2, pool_size=3)(x)", "MaxPool2d hat kein Argument pool_size"),
        (
            "x = nn.MaxPool2d(2, 2, 0, 1, 0, 0, 9)(x)",
            "MaxPool2d nimmt 6 Positionsargumente, angegeben sind 7",
        ),
        (
            "x = nn.MaxPool2d(2, stride=(1, 2, 3))(x)",
            "erwartet wird eine Zahl für jede von 2 Achsen, angegeben sind (1, 2, 3)",
        ),
        ("x = self.pool(x) if unknown else x", "es ist unbekannt, ob `unknown` gilt"),
        ("x = x.view(3, -1)", "es ist unbekannt, ob 3 die Batch-Größe ist"),
    ],
)
def test_reasons_in_german(line: str, why: str) -> None:
    stack = pv.read_code(conv_net("x = self.conv(x)", line))
    with using_language("de"):
        assert stack.not_read[0].why == f"{why}; der Stack endet davor"


@pytest.mark.parametrize("lines", UNKNOWN_WAYS.values(), ids=UNKNOWN_WAYS.keys())
def test_nothing_english_is_left_of_what_was_not_read(lines: tuple[str, ...]) -> None:
    stack = pv.read_code(conv_net("x = self.conv(x)", *lines, "x = self.pool(x)"))
    english = [each.why for each in stack.not_read]
    with using_language("de"):
        german = [each.why for each in stack.not_read]

    assert german
    assert not set(english) & set(german)
    assert [english_words(why) for why in german] == [[]] * len(german)


def test_what_was_not_read_of_a_model_in_german() -> None:
    nn, layers = fakes.TORCH.nn, fakes.KERAS.layers
    torch = fakes.torch_sequential(nn.Bilinear(), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten())
    keras = fakes.keras_sequential(layers.RNN(), layers.MaxPooling2D(2))
    torch_stack, keras_stack = pv.read_model(torch, (3, 8, 8)), pv.read_model(keras, (8, 8, 3))
    with using_language("de"):
        assert torch_stack.not_read[0].why == (
            "Bilinear kennt poolviz nicht; der Stack endet davor, 3 spätere Schichten fehlen"
        )
        assert keras_stack.not_read[0].why == (
            "RNN kennt poolviz nicht; der Stack endet davor, 1 spätere Schicht fehlt"
        )


def test_what_has_words_is_compared_without_them() -> None:
    """As a fact: read in two languages it is the same."""
    text = conv_net("x = g(x)")
    with using_language("de"):
        german = pv.read_code(text)

    assert german == pv.read_code(text)
    assert hash(german.not_read) == hash(pv.read_code(text).not_read)
    assert pickle.loads(pickle.dumps(german.not_read)) == german.not_read
    assert german.not_read[0].why == "g is not defined; the stack ends before it"


def test_a_reason_may_be_a_text() -> None:
    given = NotRead(None, "", "out of memory")
    with using_language("de"):
        assert str(given) == "out of memory"
        assert given.sentence == "Nicht gelesen: out of memory"


def test_errors_about_models_speak_when_they_are_shown() -> None:
    with pytest.raises(NoModel) as no_model:
        pv.read_code("print(1)")
    with pytest.raises(NoModel) as no_python:
        pv.read_code("import torch\nx = = 1")
    with pytest.raises(InputShapeNeeded) as needed:
        pv.read_code("model = nn.Sequential(nn.MaxPool2d(2))")
    again = pickle.loads(pickle.dumps(needed.value))
    with using_language("de"):
        assert str(no_model.value) == (
            "der Text enthält kein Modell, das poolviz erkennt: kein Sequential, kein Model, keine "
            "Klasse mit Schichten"
        )
        assert str(no_python.value) == "Zeile 2: `x = = 1`: kein gültiges Python: invalid syntax"
        assert str(again) == str(needed.value)
        assert str(again) == (
            "die Eingabegröße ist unbekannt: Der Text nennt sie nicht. Gib sie ohne die "
            "Batch-Dimension an, Kanäle zuerst: read_code(…, input_shape=(3, 32, 32))"
        )
    assert str(again).startswith("the input size is unknown")


# --- what the ErrorDecoder shows, and what is typed into boxes -----------------------------------


def test_an_explanation_in_german() -> None:
    unknown, message = explain("good morning"), explain(PYTORCH)
    needs = explain("m = nn.Sequential(nn.MaxPool2d(2))")
    assert message.drawable is not None
    assert str(message.drawable[2]).startswith("The text does not state the stride")
    with using_language("de"):
        assert unknown.title == "poolviz erkennt diesen Text nicht."
        assert unknown.sentences[0].startswith("poolviz liest Fehlermeldungen über die Größen von")
        assert needs.title == "Das Modell wurde gelesen. Welche Form hat seine Eingabe?"
        assert message.title == GERMAN[PYTORCH].partition(" Mögliche Abhilfe")[0]
        assert str(message.drawable[2]) == (
            "Der Text nennt weder Stride noch Padding: Das Bild zeigt ein Fenster dieser Länge auf "
            "einer Feature-Map dieser Größe."
        )


@pytest.mark.parametrize(
    ("read", "text", "german"),
    [
        (
            read_shape,
            "wide",
            "die Form der Eingabe besteht aus ganzen Zahlen, etwa 28, 28, 1; angegeben ist 'wide'",
        ),
        (read_layers, "Pool(", "das ist keine Schicht in Python: 'Pool('"),
        (read_layers, "Pool(two)", "erwartet wird ein einfacher Wert, angegeben ist two"),
        (read_layers, "9" * 30_000, "die Schicht ist zu lang: 30.000 Zeichen"),
    ],
)
def test_what_is_typed_is_answered_in_german(read: Any, text: str, german: str) -> None:
    with pytest.raises(ValueError, match=r"^(the|this|a) ") as wrong:
        read(text)
    with using_language("de"):
        assert str(wrong.value) == german
    assert str(wrong.value) != german


# --- the catalogue -------------------------------------------------------------------------------


def keys_in_the_code() -> Iterator[str]:
    """Each key that the modules of reading name; what an f-string leaves open is a "*"."""
    for path in READING:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    part.value if isinstance(part, ast.Constant) else "*" for part in node.values
                ]
                key = "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                key = node.value
            else:
                continue
            if re.fullmatch(r"reading\.[\w.*]*[a-z*]", key):
                yield key


def test_every_key_in_the_code_is_there() -> None:
    """Also those that are chosen, or put together."""
    used = {re.compile(re.escape(key).replace(r"\*", r"\w+")) for key in keys_in_the_code()}

    assert len(used) > 150
    assert [one.pattern for one in used if not any(map(one.fullmatch, OURS))] == []


@pytest.mark.parametrize("key", OURS)
def test_a_text_has_no_english_in_german(key: str) -> None:
    assert english_words(texts("de")[key]) == []


# --- no words in the code ------------------------------------------------------------------------

PATTERN = re.compile(r"<\w+:\w+>|\(\?|\\|\[0-9\]")  # recognises what a framework says
LITTLE_WORDS = re.compile(
    r"\b(?:a|an|the|is|are|it|its|of|and|or|not|no|to|too|in|on|with|for|from|by|than|at|be|must|has|"
    r"have|was|what|one)\b",
    re.IGNORECASE,
)
NOT_FOR_READERS = {
    "(not named)",  # what DL4J says
    "Arguments received by",  # what Keras says
    # code, and names in it
    "to cuda cpu eval train float half double requires_grad_ share_memory xpu",
    "import flax.linen as nn\nfrom flax import nnx",
    "from functools import partial as {}",
    # how a stand-in for a value calls itself
    "the batch",
    "a tensor of {}",
    # parts of errors about wrong arguments
    "one input",
    "at least one input",
    "the model",
    "model must be a module of PyTorch, a model or layer of Keras, a module of Flax, "
    "a list of layers or a Stack",
    "a list needs layers of one kind, got {} at [0] and {} at [{}]",
    "the text {}. A file has to be loaded by its framework first; source code is read by read_code",
    "the class {}. Give an object of it: {}(…)",
    "the function {}. Give what it makes: {}(…)",
    "a mapping with {} entries ({}). Weights do not say in which order the layers come: give the "
    "model that they belong to",
    "data of shape {} ({}). Give the model, and the shape of one sample as input_shape",
    "an object of {}",
    "keeps its shape",
}


class WithoutWordings(ast.NodeTransformer):
    """Takes the wordings out of the tables of messages: they recognise what frameworks say."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if ast.unparse(node.func) in ("MessagePattern", "refused", "_refused"):
            node.args = [arg for arg in node.args if isinstance(arg, ast.Call | ast.Lambda)]
        return self.generic_visit(node)


def english_in(source: str) -> set[str]:
    """The strings of a module of reading that look like English."""
    left = ast.unparse(WithoutWordings().visit(ast.parse(source)))
    found = {text for _, text in prose_in(left)}
    return {text for text in found if LITTLE_WORDS.search(text) and not PATTERN.search(text)}


@pytest.mark.long
def test_words_are_in_the_catalogue_only() -> None:
    sources = [path.read_text(encoding="utf-8") for path in READING]
    found = set().union(*map(english_in, sources))

    assert found - NOT_FOR_READERS == set()
    assert NOT_FOR_READERS - found == set()


@pytest.mark.parametrize(
    "line",
    [
        'why = "not known"',
        'why = f"{name} is not defined"',
        'MessagePattern(("half",), r"pad should be at most", _read("The text leaves it out."))',
    ],
)
def test_words_in_the_code_are_noticed(line: str) -> None:
    assert len(english_in(line)) == 1
