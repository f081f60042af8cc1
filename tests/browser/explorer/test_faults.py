"""What breaks around a widget: a user's code, the kernel, the connection; and two of all.

The widget says what is the matter, keeps what it shows, and goes on as soon as it can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import nbformat
import pytest

import poolviz as pv
from tests.browser.conftest import PATIENCE, Lab
from tests.browser.support.delay import Cuttable, cuttable_link
from tests.browser.support.explorers import (
    CELL_OF,
    Explorer,
    api,
    open_here,
    run_explorers,
    unawaited,
)

from .test_hard_days import matches, run_in_kernel

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

NOTEBOOK = "faults.ipynb"
SECOND = "second.ipynb"
A_KERNEL = PATIENCE  # ms until a new one runs
# Ms until JupyterLab tries again: after each try that failed it may wait twice as long.
A_CONNECTION = 2 * PATIENCE
OBSERVED = """
observed = pv.PoolExplorer(10, 3, stride=1)
def broken(change):
    raise ZeroDivisionError("a reader's own slip")
observed.observe(broken, ["state", "position"])
observed"""
EXPLORERS = {
    "observed": OBSERVED,
    "cut": "pv.PoolExplorer(10, 3, stride=1)",
    "restarted": "pv.PoolExplorer(10, 3, stride=1)",
}


@pytest.fixture(scope="module")
def link(lab: Lab) -> Iterator[Cuttable]:
    with cuttable_link(int(lab.address.rsplit(":", 1)[1])) as link:
        yield link


@pytest.fixture(scope="module")
def explorer(page: Page, lab: Lab, link: Cuttable) -> Callable[[str], Explorer]:
    """Call it with a name of `EXPLORERS`."""
    near = Lab(f"http://127.0.0.1:{link.port}", lab.folder)
    return run_explorers(page, near, NOTEBOOK, EXPLORERS)


def test_an_observer_that_raises_freezes_nothing(explorer: Callable[[str], Explorer]) -> None:
    """Neither what is set nor where the window is stops; what it raised is in the kernel's log."""
    e = explorer("observed")
    e.number("kernel").fill("5")
    e.wait_for_title("MaxPool 5×5")
    e.stage.focus()
    e.page.keyboard.press("ArrowRight")
    e.wait_for_window("output row 0, column 1")
    matches(e, pv.PoolExplorer(10, 5, stride=1))
    e.number("kernel").fill("4")
    e.wait_for_title("MaxPool 4×4")
    # The title may have been computed ahead: the kernel has it once its own picture is there.
    e.wait("el.querySelector('.pv-painted').hidden")

    assert e.root.locator(".pv-problem").is_hidden()
    run_in_kernel(
        e,
        "assert observed.layer.kernel_size == (4, 4)\n"
        "assert observed.position == [0, 1]\n"
        "observed.unobserve(broken, ['state', 'position'])\n"
        "observed.layer = pv.Pool(2)",
    )
    e.wait_for_title("MaxPool 2×2")


def restart_kernel(page: Page) -> None:
    """By JupyterLab, as its menu does; again where it receives no message of the new kernel.

    After a restart by others Lab takes a while to connect anew, and until then it sends what
    widgets say to a subshell of the old kernel.
    """
    from playwright.sync_api import TimeoutError

    for patience in (20_000, 60_000, A_KERNEL):
        page.evaluate(
            """() => {
              window.restarted = null;
              const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
              window.promised = kernel.restart().then(() => { window.restarted = kernel; });
            }"""
        )
        with suppress(TimeoutError):
            page.wait_for_function("() => window.restarted?.status === 'idle'", timeout=patience)
            return
    raise AssertionError("three restarted kernels sent no message")


def run_cell(e: Explorer) -> None:
    """Run the cell of an explorer again, by Lab's command: a dialog of Lab may cover the page."""
    old = e.root.element_handle()
    command = """cell => {
      jupyterapp.shell.currentWidget.content.activeCellIndex = cell;
      return jupyterapp.commands.execute('notebook:run-cell');
    }"""
    e.page.evaluate(unawaited(command), e.ask(CELL_OF))
    e.page.wait_for_function("old => !old.isConnected", arg=old)
    e.wait("el.querySelector('.pv-stage')?.dataset.seq")


def test_a_kernel_that_is_restarted(explorer: Callable[[str], Explorer], page: Page) -> None:
    """The old view says that nobody answers; its cell runs again, all is well.

    Before the connection is cut: while Lab mends it, it loses messages of a new kernel.
    """
    problems: list[str] = page.problems  # type: ignore[attr-defined]
    assert problems == []
    e = explorer("restarted")
    restart_kernel(page)
    e.stage.dispatch_event("keydown", {"key": "End"})
    e.wait_for_window("output row 7, column 7")
    e.number("kernel").fill("5")
    e.wait_for_problem("Python does not respond")
    assert e.title.startswith("MaxPool 3×3")
    run_in_kernel(e, "import poolviz as pv")
    run_cell(e)
    e.number("kernel").fill("5")
    e.wait_for_title("MaxPool 5×5")
    matches(e, pv.PoolExplorer(10, 5, stride=1))
    run_cell(explorer("cut"))
    problems.clear()  # Lab reports comms that the new kernel does not know


def test_a_connection_that_is_cut_and_comes_back(
    explorer: Callable[[str], Explorer], link: Cuttable
) -> None:
    """Meanwhile windows are walked, and what was requested last is there afterwards, sent again."""
    e = explorer("cut")
    link.lose()
    e.number("kernel").fill("4")
    e.page.wait_for_timeout(100)  # until it is lost: the widget's model waits for its end in vain
    link.cut()
    e.number("kernel").fill("6")
    # Not by the keyboard: JupyterLab's dialog about the connection may take the focus at any time.
    e.stage.dispatch_event("keydown", {"key": "End"})
    e.wait_for_window("output row 7, column 7")
    assert e.title.startswith("MaxPool 3×3")
    link.mend()
    # Lab tries again by itself, after a rest that grows with each try: this is its own command.
    e.page.evaluate(unawaited("() => jupyterapp.commands.execute('notebook:reconnect-to-kernel')"))
    e.page.wait_for_function(
        "el => el.querySelector('.pv-title').textContent.startsWith('MaxPool 6×6')",
        arg=e.root.element_handle(),
        timeout=A_CONNECTION,
    )
    e.wait("el.querySelector('.pv-problem').hidden")
    e.wait_for_window("output row 4, column 4")
    matches(e, pv.PoolExplorer(10, 6, stride=1))
    e.number("kernel").fill("3")
    e.wait_for_title("MaxPool 3×3")


@pytest.fixture
def second(page: Page, lab: Lab, explorer: Callable[[str], Explorer]) -> Iterator[Explorer]:
    """An explorer in another notebook, beside the first one on the same page."""
    from tests.browser.support.lab import wait_for_kernel

    cells = [nbformat.v4.new_code_cell("import poolviz as pv\npv.PoolExplorer(8, 2, stride=1)")]
    lab.write(SECOND, cells)
    open_here(page, SECOND, "split-right")
    wait_for_kernel(page, A_KERNEL)
    page.evaluate(unawaited("() => jupyterapp.commands.execute('notebook:run-all-cells')"))
    panel = page.locator(".jp-NotebookPanel").last
    panel.locator(".poolviz .pv-stage[data-seq]").wait_for()
    yield Explorer(page, panel.locator(".poolviz"))
    page.evaluate(
        """path => { // `close` would ask whether to save it
          const all = [...jupyterapp.shell.widgets('main')];
          all.find((one) => one.context?.path === path).dispose();
          jupyterapp.shell.activateById(all.find((one) => one.context?.path !== path).id);
        }""",
        SECOND,
    )
    page.wait_for_function(
        "path => jupyterapp.shell.currentWidget?.context?.path === path", arg=NOTEBOOK
    )


def test_two_notebooks_with_a_kernel_each(
    page: Page, lab: Lab, second: Explorer, explorer: Callable[[str], Explorer]
) -> None:
    """Beside each other in one JupyterLab: no name twice on the page, and nothing crosses over."""
    first = explorer("cut")
    second.number("kernel").fill("3")
    second.wait_for_title("MaxPool 3×3, stride 1")
    # By neither keyboard nor mouse: JupyterLab's dialog about the lost connection may be in front.
    second.stage.dispatch_event("keydown", {"key": "End"})
    second.wait_for_window("output row 5, column 5")
    first.number("kernel").fill("7")
    first.wait_for_title("MaxPool 7×7")
    second.stage.dispatch_event("click")  # beside both planes

    assert second.title.startswith("MaxPool 3×3")
    second.wait_for_window("output row 5, column 5: the largest of rows 5–7, columns 5–7")
    names = page.evaluate("() => [...document.querySelectorAll('.poolviz [id]')].map((e) => e.id)")
    assert len(names) > 20
    assert len(set(names)) == len(names)
    kernels = {at["path"]: at["kernel"]["id"] for at in api(lab, "sessions")}
    assert kernels[NOTEBOOK] != kernels[SECOND]


def test_no_error_reached_the_page(page: Page, explorer: Callable[[str], Explorer]) -> None:
    """Neither with the connection lost nor with two notebooks."""
    assert page.problems == []  # type: ignore[attr-defined]
