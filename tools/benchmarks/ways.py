"""Ways to update a picture with a slider, as notebooks use them; run in a notebook's kernel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ipywidgets
import matplotlib.patches as patches
import numpy as np
from IPython.display import display
from matplotlib import pyplot as plt

import poolviz as pv

FIRST, MOST = 2, 20  # of the kernel's slider


def write_pid(name: str) -> None:
    """Write the id of this process, which is measured from outside."""
    Path(f"{name}.pid").write_text(str(os.getpid()))


def paint(axes: Any, x: Any, kernel: int, numbers: bool) -> None:
    """Draw input and output side by side, one text per cell, as course notebooks do."""
    out = np.asarray(pv.pool(x, pv.Pool(kernel, stride=1)))
    for axis, values in zip(axes, (x, out), strict=True):
        axis.imshow(values, cmap="Blues")
        if numbers:
            for (row, column), value in np.ndenumerate(values):
                axis.text(column, row, str(value), ha="center", va="center")
    axes[0].add_patch(patches.Rectangle((-0.5, -0.5), kernel, kernel, fill=False, lw=3))
    axes[0].set_title(f"kernel {kernel}")


def values(size: int) -> Any:
    return np.random.default_rng(0).integers(-9, 10, size=(size, size))


def subplots(size: int, kernel: int, numbers: bool) -> Any:
    """Draw a new figure for every change."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 4.2))
    paint(axes, values(size), kernel, numbers)
    figure.tight_layout()
    return figure


def naive(size: int, numbers: bool) -> None:
    """`interact` and a new figure each time."""

    def show(kernel: int) -> None:
        subplots(size, kernel, numbers)
        plt.show()

    ipywidgets.interact(show, kernel=ipywidgets.IntSlider(FIRST, 1, MOST))


def ipympl(size: int, numbers: bool) -> None:
    """One interactive figure, whose axes are drawn anew."""
    with plt.ioff():
        figure, axes = plt.subplots(1, 2, figsize=(9, 4.2))
    slider = ipywidgets.IntSlider(FIRST, 1, MOST)

    def follow(change: Any) -> None:
        for axis in axes:
            axis.clear()
        paint(axes, values(size), slider.value, numbers)
        figure.canvas.draw_idle()

    slider.observe(follow, "value")
    follow(None)
    display(ipywidgets.VBox([slider, figure.canvas]))


def poolviz(size: int, numbers: bool) -> None:
    """One PoolExplorer; it shows numbers where they fit."""
    display(pv.PoolExplorer(size, FIRST, stride=1))
