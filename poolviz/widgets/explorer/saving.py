"""An explorer as a file: on a page, the settings of some ranges can be chosen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from poolviz.drawing.output.atomic_write import Target
from poolviz.exercises.task import Task
from poolviz.widgets.base.savable import Ranges, Savable, extends_docs
from poolviz.widgets.explorer.page import record_explorer
from poolviz.widgets.explorer.spec.spec import Spec
from poolviz.widgets.page.recording import Recording

Values = Any | Iterable[Any] | None  # of a parameter; None for values around the present one


class RangesMixin(Savable):
    """`save` with ranges."""

    spec: Spec
    _task: Task | None

    def _record(self, ranges: Ranges) -> Recording:
        return record_explorer(self.spec, ranges, self._task)

    @extends_docs(Savable.save)
    def save(
        self,
        path: Target,
        *,
        script: bool = True,
        kernel_size: Values = None,
        stride: Values = None,
        padding: Values = None,
        dilation: Values = None,
        framework: Values = None,
        op: Values = None,
        ceil_mode: Values = None,
        output_size: Values = None,
        task: Task | None = None,
        package: str | None = None,
    ) -> Path:
        """Write the explorer to a file; on a page, settings in the ranges can be chosen.

        Parameters
        ----------
        kernel_size, stride, padding, dilation, framework, op, ceil_mode, output_size
            Ranges of a page, such as ``range(1, 16)`` or ``[0, 1, "same"]``; a tuple in a list has
            one entry per axis, and None as a stride is the framework's default. Left out, they are
            the values around the present setting, which is always included. Every setting is
            computed when the page is written.
        task
            A task on the page, judged with the stored answers; the widget's own if left out.

        Raises
        ------
        TypeError, ValueError
            For values that no layer takes, for more settings than a page holds, and for a task
            that no setting solves.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> from poolviz import PoolExplorer
        >>> w = PoolExplorer(10, 3)
        >>> w.save(f"{mkdtemp()}/pool.html", kernel_size=[2, 3], stride=[1, 2]).name
        'pool.html'
        """
        ranges = {
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "framework": framework,
            "op": op,
            "ceil_mode": ceil_mode,
            "output_size": output_size,
        }
        own = self._task
        try:
            if task is not None:
                self._task = task.from_trace(self.spec.traced())
            return self._save(path, script, ranges, package)
        finally:
            self._task = own
