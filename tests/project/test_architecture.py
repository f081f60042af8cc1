"""Imports go down only; each check is shown to notice a violation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import poolviz as pv
from tools import architecture, imports

PACKAGE = Path(pv.__file__).parent
# Exercises about values and gradients, not about sizes and words.
WITH_VALUES = (
    *("max-of-a-window", "average-of-a-window", "max-in-the-padding"),
    *("average-with-padding-counted", "average-with-padding-left-out"),
    *("divisor-by-framework", "divisor-in-ceil-mode", "winners-of-max"),
    *("gradient-through-average", "gradient-through-max", "average-with-its-own-divisor"),
)
HEAVY = ("numpy", "matplotlib", "ipywidgets", "anywidget", "traitlets")

Check = Callable[[Path], list[str]]
CHECKS = (
    architecture.unknown_folders,
    architecture.upward_imports,
    architecture.circles,
    architecture.folder_circles,
    architecture.crowded_folders,
    architecture.misplaced_numpy,
    architecture.misplaced_matplotlib,
    architecture.misplaced_widgets,
    architecture.pyplot_imports,
    architecture.framework_imports,
    architecture.framework_names,
)
each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)


# --- the package ---------------------------------------------------------------------------------


@each_check
def test_the_package_keeps_the_rule(check: Check) -> None:
    assert check(PACKAGE) == []


def test_every_module_compiles() -> None:
    """In the Python that runs the tests: an f-string may be good in 3.12 and an error in 3.11."""
    for path in imports.modules(PACKAGE):
        compile(path.read_text(encoding="utf-8"), str(path), "exec")


def test_every_folder_is_read() -> None:
    """An empty walk would pass every check."""
    seen = {path.relative_to(PACKAGE).parts[0] for path in imports.modules(PACKAGE)}

    assert {"__init__.py", *architecture.LEVELS} <= seen
    assert len(imports.imports(PACKAGE)) > 100


def test_import_loads_nothing_heavy() -> None:
    assert architecture.loaded_by("import poolviz", HEAVY, PACKAGE.parent) == []


@pytest.mark.parametrize(
    "code",
    [
        "pv.trace(pv.Pool(15), 10)",
        "pv.output_size(10, 3, stride=5)",
        "str(pv.diagnose(pv.Pool(15), 10))",
        "pv.compare(pv.trace(pv.Pool(15), 10))",
        "str(pv.convert(pv.trace(pv.Pool(3, ceil_mode=True), 10), 'keras'))",
        "pv.decode('Given input size: (64x1x1). Calculated output size: (64x0x0). Output size is "
        "too small')._repr_html_()",
        "str(pv.Stack([pv.Conv(8, 3), pv.Pool(2)] * 4, (1, 28, 28)).diagnosis)",
        "pv.read_code('nn.Sequential(nn.Conv2d(1, 8, 3), nn.MaxPool2d(2))', (1, 28, 28)).table()",
        f"[pv.exercise(name).check('3') for name in pv.exercises() if name not in {WITH_VALUES}]",
        "pv.set_language('de')\nstr(pv.diagnose(pv.Pool(15), 10))",
    ],
)
def test_sizes_and_words_need_no_library(code: str) -> None:
    """All below the drawing answers without numpy, as long as no values are requested."""
    assert architecture.loaded_by(f"import poolviz as pv\n{code}", HEAVY, PACKAGE.parent) == []


@pytest.mark.parametrize("name", pv.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(pv, name) is not None
    assert name in dir(pv)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Pol'"):
        _ = pv.Pol


def test_editors_see_the_same_names() -> None:
    """Same names from the same modules, in `_MODULES`, in __all__ and in the typing block."""
    expected = architecture.public_names(PACKAGE)

    assert expected
    assert expected == architecture.names_for_editors(PACKAGE)
    assert sorted(expected) == sorted(pv.__all__)


# --- the checks themselves -----------------------------------------------------------------------

CLEAN = {
    "__init__.py": """
        from typing import TYPE_CHECKING
        _MODULES = {"Pool": "fake.arithmetic.layers", "draw": "fake.drawing.draw"}
        if TYPE_CHECKING:
            from fake.arithmetic.layers import Pool as Pool
            from fake.drawing.draw import draw as draw
        """,
    "i18n/__init__.py": "import tomllib",
    "arithmetic/layers.py": "import math\nfrom fake.arithmetic import shapes",
    "arithmetic/shapes.py": "from fake.i18n import say",
    "arithmetic/values.py": "import numpy as np",
    "dialects/keras/layers.py": "from fake.arithmetic import layers",
    "arithmetic/frameworks/keras.py": "IS_OWN = name == 'keras'",
    "dialects/keras/write.py": "CALLS = {'keras': str}",
    "exercises/sizes.py": "layer = Pool(3, framework=draw.one_of(('keras', 'jax')))",
    "diagnosis/layer/arrays.py": "import numpy as np\nfrom fake.arithmetic import values",
    "diagnosis/layer/fixes.py": "from fake.dialects.keras import layers",
    "reading/model/flow.py": "from ...diagnosis.layer.fixes import Fix\nfrom ..messages import M",
    "reading/messages.py": "from fake.dialects.keras import layers",
    "drawing/scene.py": "import numpy\nfrom fake.diagnosis.layer import fixes",
    "drawing/draw.py": "from fake.drawing.mpl.figure import PoolFigure\nimport matplotlib_inline",
    "drawing/mpl/figure.py": "from matplotlib.figure import Figure",
    "exercises/catalogue.py": "from fake.diagnosis.layer import fixes\nimport fake.drawing.draw",
    "widgets/page/page.py": "from fake.exercises import catalogue",
    "widgets/base/widget.py": "import ipywidgets, traitlets\nfrom fake.widgets.page import page",
    "widgets/explorer/widget.py": "from fake.widgets.base.widget import Widget",
    "widgets/exercise/widget.py": "from fake.widgets.base.widget import Widget",
    "widgets/stack/widget.py": "from fake.widgets.explorer import widget",
    "widgets/decoder/widget.py": "from fake.widgets.stack import widget",
    "widgets/dashboard.py": "from fake.widgets.decoder import widget\nimport keras_name_alike",
    "cli/export.py": "from fake.widgets.decoder import widget",
    "browser/elements.js": 'import { names } from "npm";',
    "widgets/explorer/viewer.js": 'import { make } from "../../browser/elements.js";',
    "widgets/explorer/views/controls.js": 'import { a } from "../viewer.js";',
    "widgets/explorer/widget.js": "",  # a name that Python has as well
}

LATE = "def late():\n    from fake.drawing import scene"
TYPED = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from fake.drawing import scene"
BY_NAME = "import importlib\nimportlib.import_module('fake.drawing.scene')"
VIOLATIONS: list[tuple[Check, str, str, str]] = [
    (architecture.upward_imports, "arithmetic/a.py", "import fake.diagnosis.fixes", "diagnosis"),
    (architecture.upward_imports, "arithmetic/a.py", "from fake.drawing import scene", "drawing"),
    (architecture.upward_imports, "arithmetic/a.py", "from ..widgets import explorer", "widgets"),
    (architecture.upward_imports, "i18n/a.py", "from fake.arithmetic import shapes", "arithmetic"),
    (architecture.upward_imports, "dialects/a.py", "import fake.diagnosis", "diagnosis"),
    (architecture.upward_imports, "diagnosis/a.py", "from fake import drawing", "drawing"),
    (architecture.upward_imports, "reading/model/a.py", "from ...drawing import x", "drawing"),
    (architecture.upward_imports, "drawing/a.py", "import fake.reading.messages", "reading"),
    (architecture.upward_imports, "exercises/a.py", "import fake.widgets", "widgets"),
    (architecture.upward_imports, "drawing/a.py", "import fake.widgets.explorer as e", "widgets"),
    (architecture.upward_imports, "widgets/a.py", "import fake.cli.export", "cli"),
    (architecture.upward_imports, "widgets/a.py", "import fake", "fake"),
    (architecture.upward_imports, "widgets/a.py", "from fake import Pool", "fake.Pool"),
    (architecture.upward_imports, "diagnosis/a.py", TYPED, "drawing"),
    (architecture.upward_imports, "diagnosis/a.py", LATE, "drawing"),
    (architecture.upward_imports, "diagnosis/a.py", BY_NAME, "drawing"),
    *(
        (architecture.upward_imports, f"widgets/{source}/a.py", f"import fake.widgets.{target}", "")
        for source, target in (
            ("page", "base.widget"),
            ("base", "explorer.widget"),
            ("explorer", "stack.widget"),
            ("explorer", "exercise.widget"),
            ("size_map", "comparison.widget"),
            ("stack", "decoder.widget"),
            ("decoder", "dashboard"),
        )
    ),
    (
        architecture.upward_imports,
        "browser/a.js",
        'import {\n  a,\n} from "../widgets/explorer/viewer.js";',
        "a.js:3 imports fake.widgets.explorer.viewer:js",
    ),
    (
        architecture.upward_imports,
        "widgets/base/a.js",
        '/** @import { A } from "../explorer/viewer.js" */',
        "viewer:js",
    ),
    (architecture.upward_imports, "browser/a.js", 'await import("../widgets/base/b.js")', "b:js"),
    (architecture.circles, "arithmetic/shapes.py", "import fake.arithmetic.layers", "shapes"),
    (
        architecture.circles,
        "widgets/explorer/viewer.js",
        '/** @import { A } from "./views/controls.js" */',
        "views.controls:js",
    ),
    (
        architecture.circles,
        "arithmetic/shapes.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .layers import Pool",
        "arithmetic.layers",
    ),
    (
        architecture.circles,
        "diagnosis/layer/fixes.py",
        "def late():\n    from ...reading.model.flow import Flow",
        "reading.model.flow",
    ),
    (
        architecture.folder_circles,
        "widgets/page/a.py",
        "from ..base.widget import Widget",
        "fake.widgets.base, fake.widgets.page",
    ),
    (
        architecture.folder_circles,
        "browser/elements.js",
        'import { a } from "../widgets/explorer/viewer.js";',
        "fake.browser, fake.widgets.explorer",
    ),
    (architecture.misplaced_numpy, "arithmetic/trace.py", "import numpy as np", "numpy"),
    (architecture.misplaced_numpy, "diagnosis/fixes.py", "from numpy.typing import A", "numpy"),
    (architecture.misplaced_numpy, "reading/a.py", "__import__('numpy')", "numpy"),
    (architecture.misplaced_matplotlib, "arithmetic/values.py", "import matplotlib", "matplotlib"),
    (architecture.misplaced_matplotlib, "diagnosis/a.py", "import matplotlib.figure", "figure"),
    *(
        (
            architecture.misplaced_matplotlib,
            f"{name}.py",
            "from matplotlib.path import Path",
            "matplotlib.path",
        )
        for name in ("drawing/draw", "drawing/scene/marks", "drawing/output/files", "widgets/a")
    ),
    (architecture.misplaced_widgets, "arithmetic/a.py", "import traitlets", "traitlets"),
    (architecture.misplaced_widgets, "diagnosis/a.py", "import anywidget", "anywidget"),
    (architecture.misplaced_widgets, "drawing/draw.py", "from ipywidgets import HTML", "HTML"),
    (architecture.pyplot_imports, "drawing/mpl/a.py", "import matplotlib.pyplot as p", "pyplot"),
    (architecture.pyplot_imports, "widgets/a.py", "from matplotlib import pyplot", "pyplot"),
    (architecture.pyplot_imports, "__init__.py", "from matplotlib.pyplot import plot", "pyplot"),
    (architecture.framework_imports, "diagnosis/a.py", "import torch.nn as nn", "torch"),
    (architecture.framework_imports, "widgets/a.py", "from keras import layers", "keras"),
    (architecture.framework_imports, "arithmetic/a.py", "def f():\n    import jax", "jax"),
    (architecture.framework_imports, "exercises/a.py", "import onnxruntime", "onnxruntime"),
    (architecture.framework_names, "diagnosis/a.py", "if f == 'keras': pass", "a.py:1"),
    (architecture.framework_names, "widgets/a.py", "x = 0\ny = f not in ('jax', 'mlx')", "a.py:2"),
    (architecture.framework_names, "diagnosis/a.py", "CALLS = {'pytorch': str}", "a.py:1"),
    (architecture.framework_names, "reading/a.py", "T = {('keras', int): str}", "a.py:1"),
    (architecture.framework_names, "reading/a.py", "_RAISING = ('keras', 'pytorch')", "a.py:1"),
    (architecture.framework_names, "reading/a.py", "A = frozenset(('keras', 'jax'))", "a.py:1"),
    (
        architecture.framework_names,
        "arithmetic/a.py",
        "match f:\n    case 'onnxruntime':\n        pass",
        "a.py:2",
    ),
    (architecture.unknown_folders, "helpers/a.py", "import math", "helpers"),
    (architecture.unknown_folders, "scripts/a.js", "", "scripts"),
    (architecture.unknown_folders, "widgets/helpers/a.py", "import math", "helpers"),
    (architecture.crowded_folders, "arithmetic/a.py", "A = 0\n" * 2000, "arithmetic/ holds 98%"),
]


def write_package(folder: Path, sources: dict[str, str]) -> Path:
    package = folder / "fake"
    for name, source in sources.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source), encoding="utf-8")
    return package


@each_check
def test_a_clean_package_passes(check: Check, tmp_path: Path) -> None:
    assert check(write_package(tmp_path, CLEAN)) == []


@pytest.mark.parametrize(("check", "path", "source", "named"), VIOLATIONS)
def test_a_violation_is_noticed(
    check: Check, path: str, source: str, named: str, tmp_path: Path
) -> None:
    """Exactly one, by the module and the name imported."""
    noticed = check(write_package(tmp_path, {**CLEAN, path: source}))

    assert len(noticed) == 1
    assert path.split("/")[0] in noticed[0]
    assert named in noticed[0]


def test_too_many_modules_are_noticed(tmp_path: Path) -> None:
    """JavaScript and styles count as well; the module __init__ does not."""
    names = [f"drawing/scene/{i}.{end}" for i in range(8) for end in ("py", "js")]
    full = write_package(tmp_path, {**CLEAN, **dict.fromkeys(names, "")})
    (full / "drawing/scene/__init__.py").write_text("")

    assert architecture.crowded_folders(full) == ["drawing/scene/ has 16 modules"]
    (full / names[0]).unlink()
    assert architecture.crowded_folders(full) == []


def test_every_check_has_been_seen_failing() -> None:
    assert {check.__name__ for check in CHECKS} == {case[0].__name__ for case in VIOLATIONS}


@pytest.mark.parametrize("name", HEAVY)
def test_a_loaded_library_is_noticed(name: str, tmp_path: Path) -> None:
    """A package whose import loads one library, as a stand-in of its name."""
    (tmp_path / f"{name}.py").write_text("", encoding="utf-8")
    write_package(tmp_path, {**CLEAN, "__init__.py": f"import {name}"})

    assert architecture.loaded_by("import fake", HEAVY, tmp_path) == [name]


def test_the_real_numpy_is_noticed(tmp_path: Path) -> None:
    write_package(tmp_path, {**CLEAN, "__init__.py": "import fake.arithmetic.values"})

    assert "numpy" in architecture.loaded_by("import fake", HEAVY, tmp_path)


def test_a_failing_subprocess_is_no_pass(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="No module named 'absent'"):
        architecture.loaded_by("import absent", HEAVY, tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from fake.drawing.draw import draw as draw", "pass"),
        ('"draw": "fake.drawing.draw"', ""),
        ("from fake.drawing.draw import", "from fake.drawing.paint import"),
        ("Pool as Pool", "Pool as Pol"),
    ],
)
def test_a_difference_between_runtime_and_editors_is_noticed(
    old: str, new: str, tmp_path: Path
) -> None:
    changed = {**CLEAN, "__init__.py": CLEAN["__init__.py"].replace(old, new)}
    clean = write_package(tmp_path / "clean", CLEAN)
    broken = write_package(tmp_path / "broken", changed)

    assert architecture.public_names(clean) == architecture.names_for_editors(clean)
    assert architecture.public_names(broken) != architecture.names_for_editors(broken)


def test_a_syntax_error_is_noticed(tmp_path: Path) -> None:
    package = write_package(tmp_path, {**CLEAN, "drawing/a.py": "f(("})

    with pytest.raises(SyntaxError):
        imports.imports(package)
