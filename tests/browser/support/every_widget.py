"""Every widget on a page of some host, changed by its own controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.conftest import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Locator, Page

CELLS = [
    "pv.PoolExplorer(10, kernel_size=15)",
    'pv.StackExplorer(pv.Stack([pv.Conv(32, 3), pv.Pool(2)] * 5, (28, 28, 1), framework="keras"))',
    "pv.LayerExplorer(pv.Conv(1, 3), 6)",
    "pv.SizeMap(10, 3)",
    "pv.FrameworkComparison(10, 3)",
    'pv.ErrorDecoder("Given input size: (64x1x1). Calculated output size: (64x0x0).")',
    'pv.ExerciseCard("size-plain")',
]
TENSORFLOW = (
    "ValueError: Negative dimension size caused by subtracting 2 from 1 for '{{node pool_4/"
    'MaxPool}} = MaxPool[T=DT_FLOAT, data_format="NHWC", ksize=[1, 2, 2, 1], padding="VALID", '
    "strides=[1, 2, 2, 1]](Placeholder)' with input shapes: [?,1,14,64]."
)
# The sum of a picture; with a sum before, once there is another: it follows when the controls rest.
_PICTURE = """async (root, before) => {
  for (;;) {
    const image = root.querySelector('img');
    const canvas = new OffscreenCanvas(image.naturalWidth || 1, image.naturalHeight || 1);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const sum = data.reduce((sum, value) => (31 * sum + value) % 1000003, 0);
    if (sum !== before) return sum;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""


def says(place: Locator, text: str) -> None:
    from playwright.sync_api import expect

    expect(place).to_contain_text(text, timeout=PATIENCE)


def step(root: Locator) -> None:
    """Move the kernel's slider to the left, once an answer may have been computed ahead."""
    slider = root.get_by_role("slider", name="kernel", exact=True)
    slider.focus()
    slider.page.wait_for_timeout(500)
    slider.press("ArrowLeft")


def layer_moves(place: Page | FrameLocator, follower: Locator | None = None) -> None:
    """The explorer of one layer is moved by its slider; a text of the app follows."""
    explorer = place.locator(".poolviz").first
    says(explorer.locator(".pv-title"), "MaxPool 15×15")
    before = explorer.evaluate(_PICTURE)
    step(explorer)
    says(explorer.locator(".pv-title"), "MaxPool 14×14")
    explorer.evaluate(_PICTURE, before, timeout=PATIENCE)
    if follower:
        says(follower, "MaxPool 14×14")


def network_moves(page: Page) -> None:
    """The explorer in the composite is alive, and moves the network."""
    network = page.locator(".pv-stack").first
    says(network.locator("p.pv-title"), "stops at layer 6 (Conv 3×3)")
    step(network)
    says(network.locator("p.pv-title"), "stops at layer 6 (Conv 2×2)")


def others_move(page: Page) -> None:
    convolutions = page.locator(".poolviz").filter(has=page.locator(".pv-call"))
    step(convolutions.filter(has_text="nn.Conv2d(1, 1, 3)"))
    convolutions.filter(has_text="nn.Conv2d(1, 1, 2)").wait_for(timeout=PATIENCE)
    step(page.locator(".pv-map"))
    says(page.locator(".pv-map .pv-main .pv-window"), "kernel_size 2")
    step(page.locator(".pv-comparison"))
    says(page.locator(".pv-comparison h3.pv-title"), "MaxPool 2×2")
    message_is_read(page)
    answer_is_judged(page)


def message_is_read(page: Page) -> None:
    decoder = page.locator(".pv-decoder")
    says(decoder, "The input is 1 and the output size is 0")
    decoder.locator(".pv-paste").fill(TENSORFLOW)
    says(decoder, "pool_4")


def answer_is_judged(place: Page | FrameLocator) -> None:
    card = place.locator(".pv-card")
    card.locator(".pv-form input").fill("99")
    card.locator(".pv-form input").press("Enter")
    says(card.locator(".pv-wrong"), "✗")
