"""Files beside a text that `read_code` reads with it; they are never run."""

import time
from pathlib import Path

import poolviz as pv

FILES = {
    "net/__init__.py": "raise SystemExit('it was run')\n",
    "net/blocks/__init__.py": "from .conv import *\nfrom . import heads\n",
    "net/blocks/conv.py": """
        import torch.nn as nn
        from ..config import WIDTHS
        __all__ = ["Block"]
        model = nn.Sequential(nn.Conv2d(1, 1, 1))
        class Block(nn.Module):
            def __init__(self, c, width=WIDTHS[0]):
                super().__init__()
                self.conv = nn.Conv2d(c, width, 3)
                self.act = nn.ReLU()
            def forward(self, x):
                return self.act(self.conv(x))
    """,
    "net/blocks/heads.py": """
        from torch import nn
        from net.blocks import conv
        def head(c, n):
            return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, n))
    """,
    "net/config.py": "WIDTHS = [8, 16]\nif __name__ == '__main__':\n    WIDTHS = []\n",
}
MODEL = """
from torch import nn
from .blocks import Block, heads
from .config import WIDTHS
class Net(nn.Module):
    def __init__(self, n=5):
        super().__init__()
        self.body = nn.Sequential(Block(3), Block(WIDTHS[0], 16))
        self.head = heads.head(16, n)
    def forward(self, x):
        return self.head(self.body(x))
"""


def _written(folder: Path, files: dict[str, str], text: str, place: str = "net/model.py") -> Path:
    for name, content in {**files, place: text}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = content.split("\n")
        indent = min((len(each) - len(each.lstrip()) for each in lines if each.strip()), default=0)
        path.write_text("\n".join(each[indent:] for each in lines))
    return folder / place


def test_modules_of_the_package_are_read(tmp_path: Path) -> None:
    """Recorded with torch 2.13.0: (8, 18, 18), (16, 16, 16), then (5,)."""
    stack = pv.read_code(_written(tmp_path, FILES, MODEL), (3, 20, 20))
    assert (stack.ok, stack.output_shape) == (True, (5,))
    names = {row.name: row.output_shape for row in stack.rows}
    assert (names["body.0.conv"], names["body.1.conv"]) == ((8, 18, 18), (16, 16, 16))
    assert getattr(stack.source, "candidates", None) == ()
    assert pv.read_code(MODEL, (3, 20, 20)).ok is None  # a text has no neighbours


def test_what_is_not_known_in_a_neighbour_has_the_line_of_its_import(tmp_path: Path) -> None:
    files = FILES | {
        "net/blocks/conv.py": FILES["net/blocks/conv.py"].replace("nn.ReLU()", "missing()")
    }
    stack = pv.read_code(_written(tmp_path, files, MODEL), (3, 20, 20))
    [said] = [each for each in stack.not_read if "stack ends" in each.why]
    assert (stack.ok, said.line) == (None, 3)
    assert "missing" in said.why


def test_files_of_a_folder_without_a_package(tmp_path: Path) -> None:
    block = FILES["net/blocks/conv.py"].replace("from ..config import WIDTHS", "WIDTHS = [8]")
    text = "from parts import Block\nfrom torch import nn\nmodel = nn.Sequential(Block(3))\n"
    path = _written(tmp_path, {"parts.py": block, "torch.py": "nn = None"}, text, "train.py")
    assert pv.read_code(path, (3, 20, 20)).output_shape == (8, 18, 18)


def test_a_circle_a_fault_and_a_large_file_end_the_reading_there(tmp_path: Path) -> None:
    for wrong in (
        "from .blocks import *\nfrom .model import Block\n",
        "def (",
        "x = 1\n" * 100_000,
    ):
        files = {"net/__init__.py": "", "net/blocks.py": wrong}
        path = _written(tmp_path, files, MODEL.replace("heads", "x"))
        stack = pv.read_code(path, (3, 20, 20))
        assert stack.ok is None
        assert any("Block" in str(each) for each in stack.not_read)


def test_modules_in_a_circle_and_many_of_them_take_less_than_half_a_second(tmp_path: Path) -> None:
    many = {}
    for i in range(40):
        following = f"from .m{i + 1} import *\nfrom .m{i + 1} import X as Y\n"
        many[f"net/m{i}.py"] = following + "def f():\n  pass\n" * 300
    many["net/__init__.py"] = ""
    path = _written(tmp_path, many, MODEL.replace(".blocks import Block, heads", ".m0 import *"))
    start = time.process_time()
    assert pv.read_code(path, (3, 20, 20)).ok is None
    assert time.process_time() - start < 2  # seconds; half a second where nothing else runs
