"""LayerExplorer: a convolution as it is, and nowhere as a pooling layer."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

import poolviz as pv
from poolviz.drawing.convolution.operands import Operands
from tests.support.fake_frameworks import TORCH
from tests.widgets.explorer.explorer_controls import tell

CONVOLUTIONS = {
    "plain": (pv.Conv(1, 3), 6),
    "too long": (pv.Conv(1, 7), (5, 9)),
    "groups": (pv.Conv(4, 3, groups=2, in_channels=4, dilation=2, padding="same"), 8),
    "wrong groups": (pv.Conv(4, 3, groups=3, in_channels=4), 8),
    "causal": (pv.Conv(1, (3,), padding="causal", framework="keras"), 12),
    "volume": (pv.Conv(2, (2, 3, 3), padding=(0, 1, 1)), (4, 6, 6)),
    "empty": (pv.Conv(1, 3), (0, 5)),
    "huge": (pv.Conv(1, 3), 10**9),
    "refused": (pv.Conv(1, 3, padding=1, framework="keras"), 6),
    "depthwise": (pv.DepthwiseConv(3, depth_multiplier=2), 6),
    "transposed": (pv.ConvTranspose(1, 3, stride=2, padding=1, output_padding=1), 4),
    "negative": (pv.ConvTranspose(1, 2, padding=3), 4),
    "output_padding": (pv.ConvTranspose(1, 3, stride=2, padding=1, output_padding=2), 4),
    "transposed volume": (pv.ConvTranspose(2, (2, 3, 3), stride=(1, 2, 2)), (2, 3, 3)),
    "transposed sequence": (pv.ConvTranspose(1, (3,), stride=2, framework="jax"), 6),
}
each = pytest.mark.parametrize("name", CONVOLUTIONS)


def explorer(name: str, **more: Any) -> pv.LayerExplorer:
    return pv.LayerExplorer(*CONVOLUTIONS[name], **more)


def change(w: pv.LayerExplorer, **settings: Any) -> dict[str, Any]:
    """Send settings as the controls do, those of a convolution by their own names."""
    sent = json.loads(json.dumps(w.state["settings"]))
    for key, value in settings.items():
        (sent if key in sent else sent["convolution"])[key] = value
    tell(w, {"settings": sent})
    state: dict[str, Any] = w.state
    return state


# --- what is shown -------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(1, 1), (1, 1, 1)])
def test_weights_are_below_the_words_where_no_output_is(sizes: tuple[int, ...]) -> None:
    for kernel in (3, 9):
        network = pv.StackExplorer(pv.Stack([pv.Conv(8, kernel)], (3, *sizes))).explorer
        alone = pv.LayerExplorer(pv.Conv(8, kernel), sizes, channels=3)
        for scene in (network._scene, alone._scene):
            words = [one.y for one in scene.labels if one.align == "center" and one.tone == "muted"]
            if len(sizes) == 3:
                words += [one.y for one in scene.labels if one.text.endswith("too long")]
            [weights] = [one for one in scene.labels if one.text.startswith("weights")]
            assert max(words) < weights.y - weights.size
            assert weights.y < scene.cells[-1].plane.top
            assert scene.cells[-1].plane.bottom < scene.height


def test_a_depthwise_convolution_has_the_groups_of_its_channels() -> None:
    """MLX's Conv3d takes no groups: nothing but other channels would help."""
    w = pv.LayerExplorer(pv.DepthwiseConv(2, framework="mlx"), (3, 6, 6), channels=3)
    assert "MLX rejects groups=3 (TypeError)" in w.diagnosis.headline
    assert w.state["fixes"] == []
    flat = pv.LayerExplorer(pv.DepthwiseConv(2, framework="mlx"), (6, 6), channels=3)
    assert flat.diagnosis.ok


@each
@pytest.mark.parametrize("language", ["en", "de"])
def test_words_in_the_picture_are_large_enough(name: str, language: str) -> None:
    """The slice and the channels of the weights need a second line beside a 3-D input."""
    labels = explorer(name, language=language)._scene.labels
    assert [label.text for label in labels if label.tone == "muted" and label.size < 9] == []


@each
@pytest.mark.parametrize("language", ["en", "de"])
def test_no_convolution_is_called_a_pooling_layer(name: str, language: str) -> None:
    w = explorer(name, language=language)
    shown = json.dumps({k: v for k, v in w.state.items() if k != "frameworkNames"})

    assert not re.search(r"(Max|Avg|Average)_?Pool|max_pool", shown)
    assert type(w.layer).__name__ in w.state["title"]


@each
def test_the_settings_that_are_shown_are_read_as_the_same(name: str) -> None:
    w = explorer(name)
    before, title = w.trace, w.state["title"]

    assert change(w)["problem"] == ""
    assert (w.trace, w.state["title"]) == (before, title)


def test_the_values_of_the_picture_are_those_of_convolve() -> None:
    w = explorer("groups", seed=3)
    data = w.spec.data
    assert isinstance(data, Operands)
    y = pv.convolve(data.x, w.layer, data.weight)
    for channel in range(4):
        values = change(w, out_channel=channel, in_channel=3)["geometry"]["values"]

        assert values["output"] == [[str(int(value)) for value in row] for row in y[channel]]


def test_the_products_of_a_window_add_up_to_its_value() -> None:
    values = explorer("plain").state["geometry"]["values"]
    window = [values["given"][1 + a][2 + b] for a in range(3) for b in range(3)]
    weights = [weight for row in values["weights"] for weight in row]
    total = sum(int(a) * int(b) for a, b in zip(window, weights, strict=True))

    assert str(total) == values["output"][1][2]


def test_a_transposed_convolution_has_its_input_as_cells() -> None:
    """Element (3, 3) has the products of the inputs (1, 1) to (2, 2) with the corners."""
    values = explorer("transposed").state["geometry"]["values"]
    kernel, cells = values["weights"], values["output"]
    corners = [(1, 1, 2, 2), (1, 2, 2, 0), (2, 1, 0, 2), (2, 2, 0, 0)]
    total = sum(int(cells[i][j]) * int(kernel[a][b]) for i, j, a, b in corners)

    assert str(total) == values["given"][3][3]


def test_a_negative_size_is_drawn_and_mended() -> None:
    w = explorer("negative")

    assert w.trace.output_size == (-1, -1)
    assert w.state["geometry"]["output"] is None
    assert "5 rows are written, and the padding removes 6" in w.state["findings"][0]["text"]
    tell(w, {"action": {"name": "fix", "value": 0}})
    assert (w.trace.outcome, w.trace.output_size) == ("ok", (1, 1))


# --- controls ------------------------------------------------------------------------------------


def test_weights_by_preset_by_seed_and_typed() -> None:
    w = explorer("plain")

    assert change(w, preset="identity")["weightsText"] == "0 0 0\n0 1 0\n0 0 0"
    assert change(w, preset="random")["weightsText"] != change(w, weight_seed=1)["weightsText"]
    state = change(w, weights="1 2 3\n4 5 6\n7 8 nan")
    assert (state["weightsText"], state["settings"]["convolution"]["preset"]) == (
        "1 2 3\n4 5 6\n7 8 nan",
        "own",
    )
    assert "9 weights" in change(w, weights="1 2")["problem"].replace("3 × 3", "9")
    assert change(w, weights=None, kernel_size=[2, 2])["weightsText"] is not None


@pytest.mark.parametrize(
    ("settings", "title"),
    [
        ({"kernel_size": [5, 5]}, "Conv 5×5"),
        ({"stride": [2, 2], "padding": [[1, 1], [1, 1]]}, "stride 2, padding 1"),
        ({"padding": "causal"}, 'padding="causal"'),
        ({"dilation": [2, 2]}, "dilation 2"),
        ({"channels": 4, "out_channels": 6, "groups": 2}, "4 → 6 channels"),
        ({"kind": "transposed"}, "ConvTranspose 3×3"),
        ({"kind": "transposed", "stride": [2, 2], "output_padding": [1]}, "output_padding 1"),
        ({"kind": "depthwise", "out_channels": 2}, "DepthwiseConv 3×3, 1 → 2 channels"),
        ({"framework": "jax"}, "Conv 3×3"),
    ],
)
def test_a_control_changes_the_layer(settings: dict[str, Any], title: str) -> None:
    state = change(explorer("plain"), **settings)

    assert (state["problem"], title in state["title"]) == ("", True)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"channels": 0}, "channels must be an int ≥ 1"),
        ({"out_channels": "many"}, "out_channels must be an int ≥ 1"),
        ({"kind": "pool"}, "there is no convolution of kind"),
        ({"preset": "sharp"}, "preset must be"),
        ({"output_padding": [-1], "kind": "transposed"}, "output_padding must be"),
    ],
)
def test_a_wrong_setting_is_told(settings: dict[str, Any], problem: str) -> None:
    assert problem in change(explorer("plain"), **settings)["problem"]


def test_given_arrays_are_shown() -> None:
    x, weight = np.arange(32.0).reshape(1, 2, 4, 4), np.ones((1, 2, 3, 3))
    w = pv.LayerExplorer(pv.Conv(1, 3), input=x, weight=weight, bias=[10])

    assert w.state["geometry"]["values"]["output"][0][0] == str(int(x[0, :, :3, :3].sum()) + 10)
    with pytest.raises(ValueError, match=r"weight must have the shape \(1, 2, 3, 3\)"):
        pv.LayerExplorer(pv.Conv(1, 3), input=x, weight=weight[:, :1])
    with pytest.raises(TypeError, match="has no weights"):
        pv.LayerExplorer(pv.Pool(2), 4, weight=weight)


def test_it_shows_pooling_layers_too() -> None:
    assert pv.LayerExplorer(pv.Pool(3), 10).state["title"].startswith("MaxPool 3×3")


# --- networks ------------------------------------------------------------------------------------

NETWORK = [
    *(pv.Conv(8, 3), pv.Pool(2), pv.DepthwiseConv(3), pv.ConvTranspose(4, 3, stride=2)),
    pv.Conv(4, 40),
]


@pytest.mark.parametrize("index", [0, 2, 3, 4])
@pytest.mark.parametrize("framework", ["pytorch", "keras", "jax"])
def test_a_convolution_of_a_network_is_shown_as_one(index: int, framework: str) -> None:
    shape = (1, 16, 16) if framework == "pytorch" else (16, 16, 1)
    w = pv.StackExplorer(pv.Stack(NETWORK, shape, framework=framework))
    if index < len(w.stack.rows) or w.stack.first_failure is not None:
        w.chosen = index
    assert w.explorer is not None
    state = w.explorer.state
    texts = [state["title"], state["code"], *(fix["code"] for fix in state["fixes"])]

    assert type(NETWORK[index]).__name__ in state["title"]
    assert not any("Pool" in text for text in texts)


def test_a_change_of_the_convolution_is_made_in_the_network() -> None:
    w = pv.StackExplorer(pv.Stack([pv.Conv(8, 3, name="c1"), pv.Conv(4, 5)], (1, 9, 9)))
    w.chosen = 0
    assert isinstance(w.explorer, pv.LayerExplorer)
    change(w.explorer, padding=[[1, 1], [1, 1]])

    assert w.stack.layers[0] == pv.Conv(8, (3, 3), padding=(1, 1), name="c1")
    change(w.explorer, channels=2)
    assert w.view.note != ""


def test_a_message_about_a_convolution_opens_a_convolution() -> None:
    w = pv.ErrorDecoder(
        "Calculated padded input size per channel: (2 x 2). Kernel size: (3 x 3). "
        "Kernel size can't be greater than actual input size"
    )
    opened = w.open_explorer()

    assert isinstance(opened, pv.LayerExplorer)
    assert opened.state["title"].startswith("Conv 3×3")


def test_linked_views_say_that_they_show_pooling_layers() -> None:
    with pytest.raises(TypeError, match="shows pooling layers, not convolutions"):
        pv.SizeMap(explorer=explorer("plain"))


# --- weights of layer objects --------------------------------------------------------------------


class Parameter:
    """As PyTorch keeps it: no array without its steps."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def detach(self) -> Parameter:
        return self

    def cpu(self) -> Parameter:
        return self

    def numpy(self) -> Any:
        return self.values


def live(layer: Any, **weights: Any) -> Any:
    for name, values in weights.items():
        setattr(layer, name, Parameter(values))
    return layer


def test_weights_of_a_layer_object_are_taken_over() -> None:
    """Checked with PyTorch 2.13.0, Keras 3.15.1 and Flax 0.12.8: the values are theirs."""
    random = np.random.RandomState(0)
    kernel, shift = random.randn(4, 1, 3), np.ones(4)
    conv = live(TORCH.nn.Conv1d(2, 4, 3, groups=2), weight=kernel, bias=shift)
    x = random.randn(1, 2, 9)
    w = pv.LayerExplorer(conv, input=x)
    data = w.spec.data
    assert isinstance(data, Operands)
    y = pv.convolve(x, conv)

    assert (w.state["settings"]["convolution"]["preset"], w.input_size) == ("own", (9,))
    assert np.array_equal(data.weight, kernel)
    assert np.allclose(y, pv.convolve(x, conv, kernel) + 1)
    assert pv.LayerExplorer(conv, 9, preset="blur").spec.convolution.preset == "blur"  # type: ignore[union-attr]
    assert "random" in json.dumps(pv.LayerExplorer(TORCH.nn.Conv1d(2, 4, 3), 9).state)


def test_weights_say_how_many_channels_there_are() -> None:
    kernel = np.arange(3 * 3 * 3 * 2.0).reshape(3, 3, 3, 2)
    depthwise = pv.DepthwiseConv(3, depth_multiplier=2, framework="keras")
    for layer in (depthwise, pv.Conv(2, 3, framework="jax")):
        w = pv.LayerExplorer(layer, 6, weight=kernel)

        assert (w.trace.channels, w.trace.output_size) == (3, (4, 4))  # type: ignore[attr-defined]
    y = pv.convolve(np.ones((1, 3, 3, 3)), depthwise, kernel)
    assert y.ravel().tolist() == kernel.sum((0, 1)).ravel().tolist()


# --- tasks ---------------------------------------------------------------------------------------


def test_a_task_of_a_convolution_is_judged() -> None:
    task = pv.task(output_size=4, keep=["kernel_size", "groups"])
    w = pv.LayerExplorer(pv.Conv(2, 3, groups=2), 12, task=task)

    assert "another window fits" in change(w, stride=[2, 2])["task"]["feedback"]
    assert change(w, stride=[3, 3])["task"]["score"] == 1.0
    assert change(w, groups=1)["task"]["score"] == 0.5
    assert "groups" in w.state["task"]["feedback"]


def test_a_task_of_a_transposed_convolution_is_judged() -> None:
    task = pv.task(output_size=8, keep=["kernel_size"]).of(pv.ConvTranspose(1, 2), 4)

    assert str(task.check(pv.ConvTranspose(1, 2, stride=3))).endswith("(4 − 1)·3 + 2 = 11.")
    assert task.check(pv.ConvTranspose(1, 2, stride=2))
    assert not task.check(pv.Pool(2))
    assert task.check(pv.ConvTranspose(1, 4, stride=2, padding=1)).score == 0.5


# --- what no explorer can be made of -------------------------------------------------------------

ONE = pv.Conv(1, 2)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"weight": "abc"}, "weight must hold real numbers"),
        ({"weight": np.ones((3, 3))}, r"weight must have the shape \(1, 1, 2, 2\)"),
        ({"weight": [[1j, 1], [1, 1]]}, "weight must hold real numbers, got dtype complex128"),
        ({"weight": [[1, 1], [1]]}, "weight must be an array, but its rows differ in length"),
        ({"weight": []}, "weight must have the shape"),
        ({"weight": np.ma.masked_array(np.ones((2, 2)), 1)}, "weight must not be a masked array"),
        ({"bias": [1, 2]}, "bias must have one number per output channel"),
        ({"preset": "sobel"}, "preset must be one of"),
        ({"seed": -1}, "seed must be an int ≥ 0"),
        ({"seed": "a"}, "seed must be an int ≥ 0"),
        ({"task": "x"}, "task must come from poolviz.task"),
        ({"weights": [[1, 1], [1, 1]]}, "did you mean weight"),
    ],
)
def test_wrong_arguments_are_named(words: dict[str, Any], says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        pv.LayerExplorer(ONE, 6, **words)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_may_be_nan_or_infinite(value: float) -> None:
    assert pv.LayerExplorer(ONE, 6, weight=[[value, 1], [1, 1]]).state["problem"] == ""
