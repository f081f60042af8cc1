"""What the commands take: their options, and the words of `--help`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from poolviz.arithmetic.framework_names import COURSES
from poolviz.cli import teaching_commands
from poolviz.cli.teaching_commands import Commands
from poolviz.i18n.catalogue import languages
from poolviz.i18n.sanitize import in_lines


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # It quotes arguments, and file names can contain control characters.
        super().error(in_lines(message))


def command_parser(version: str) -> argparse.ArgumentParser:
    """Return the parser of the commands; `command` names the one that was chosen."""
    parser: argparse.ArgumentParser = _Parser(
        prog="python -m poolviz",
        description="Notebooks and an app that show, break, explain and repair pooling shapes.",
        epilog="python -m poolviz COMMAND --help says more about a command.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"poolviz {version}")
    metavar = (
        "lab | app | decode | explain | check | run | copy | export | lite | slides | worksheet"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar=metavar)
    lab = commands.add_parser(
        "lab",
        help="open the notebooks in JupyterLab",
        description="Opens the notebooks in JupyterLab. Other arguments are passed on to it.",
        allow_abbrev=False,
    )
    app = commands.add_parser(
        "app",
        help="open one page with decoder, network and layer, without any code",
        description="Opens the page in a browser, served by Voila to this machine only. "
        "Other arguments are passed on to Voila.",
        allow_abbrev=False,
    )
    for server in (lab, app):
        server.add_argument("--port", type=_port, metavar="N", help="listen on this port")
        server.add_argument(
            "--no-browser", action="store_true", help="print the address, open nothing"
        )
    lab.add_argument(
        "--framework", choices=COURSES, help="layers and exercises of this framework only"
    )
    app.add_argument(
        "--language", choices=languages(), help="of the page; else as POOLVIZ_LANGUAGE says"
    )
    for name in ("decode", "explain"):
        decode = commands.add_parser(
            name,
            help="explain an error message, a log or the code of a model"
            if name == "decode"
            else "the same as decode",
            description="Prints what the text means and what helps. Without a file it reads what "
            "is piped in or pasted (end with Ctrl-D, on Windows Ctrl-Z and Enter).",
            allow_abbrev=False,
        )
        decode.add_argument("file", nargs="?", type=Path, metavar="FILE", help="with the error")
        decode.add_argument("--language", choices=languages(), help="of the explanation")
    _add_check(commands)
    _add_run(parser, commands)
    copy = commands.add_parser(
        "copy",
        help="copy the notebooks into a folder",
        description="Copies the notebooks into a folder, which is made when it is not there.",
        allow_abbrev=False,
    )
    copy.add_argument("folder", type=Path, metavar="DIR", help="where they go")
    copy.add_argument("--framework", choices=COURSES, help="for a course in this framework only")
    copy.add_argument("--force", action="store_true", help="overwrite files that are there")
    export = commands.add_parser(
        "export",
        help="make pages of all widgets of notebooks",
        description="Runs notebooks and writes every widget that they show as a page that needs "
        "no kernel and no network, with an index. Run only notebooks that you trust.",
        allow_abbrev=False,
    )
    export.add_argument(
        "names",
        nargs="+",
        metavar="NOTEBOOK_OR_ID",
        help="a file, the name or number of one of our notebooks, or the id of an exercise",
    )
    export.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar="TARGET",
        help="the site's folder; FILE.xml for a question bank in Moodle XML, FILE.zip for QTI",
    )
    export.add_argument("--force", action="store_true", help="write into a folder with files in it")
    _add_lite(commands)
    teaching_commands.add(commands)
    _add_bank_options(export)
    return parser


def _add_lite(commands: Commands) -> None:
    lite = commands.add_parser(
        "lite",
        help="build a site on which the notebooks run in the reader's browser",
        description="Builds a site of JupyterLite with all notebooks: a folder of files for any "
        "web server. Python runs in the reader's browser.",
        allow_abbrev=False,
    )
    lite.add_argument("--to", type=Path, required=True, metavar="DIR", help="the site's folder")
    lite.add_argument("--force", action="store_true", help="write into a folder with files in it")
    lite.add_argument(
        "--pyodide",
        type=Path,
        metavar="DIR",
        help="an unpacked Pyodide for the site; else readers load it from jsdelivr.net",
    )
    lite.add_argument(
        "--wheels",
        type=Path,
        nargs="+",
        default=(),
        metavar="WHEEL",
        help="packages for the site; else readers load them from pypi.org",
    )


def _add_bank_options(export: argparse.ArgumentParser) -> None:
    bank = export.add_argument_group(
        "question banks", "NOTEBOOK_OR_ID may also be the word exercises, for all of them"
    )
    bank.add_argument("--variants", type=int, default=3, metavar="N", help="of each exercise")
    bank.add_argument("--seed", type=int, default=0, help="of the first variant")
    bank.add_argument("--language", choices=languages(), help="of the questions")
    bank.add_argument(
        "--scorm",
        nargs="?",
        const="1.2",
        choices=("1.2", "2004"),
        help="a page that reports to the platform instead of questions, as FILE.zip",
    )
    bank.add_argument("--qti", choices=("2.1", "2.2"), default="2.1", help="version of QTI")


def _add_check(commands: Commands) -> None:
    check = commands.add_parser(
        "check",
        help="follow the model of a source file, without running it",
        description="Prints one line for each layer that fails: file:line: what, why and a fix. "
        "The code is not executed. The exit code is 1 where a layer fails, and 2 where a file "
        "could not be checked.",
        allow_abbrev=False,
    )
    check.add_argument("files", nargs="+", type=Path, metavar="FILE", help="Python source")
    check.add_argument("--input", type=_shape, metavar="SHAPE", help="without the batch: 3,224,224")
    check.add_argument("--json", action="store_true", help="a list of objects instead of lines")


def _add_run(parser: argparse.ArgumentParser, commands: Commands) -> None:
    run = commands.add_parser(
        "run",
        help="run a program, and explain the error about shapes that ends it",
        description="Runs a program as python does. Below the traceback of an error about shapes "
        "stands what failed and what helps. The exit code is that of the program.",
        allow_abbrev=False,
    )
    page: Any = {"type": Path, "metavar": "FILE", "default": argparse.SUPPRESS}
    run.add_argument("--html", **page, help="write the explanation as a page")
    parser.add_argument("--html", **page, help=argparse.SUPPRESS)  # before `run`, too
    run.add_argument("program", type=Path, metavar="PROGRAM", help="Python source")
    run.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGS", help="of the program")


def _port(text: str) -> int:
    if not (text.isdecimal() and 0 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, got {text!r}")
    return int(text)


def _shape(text: str) -> tuple[int, ...]:
    sizes = text.replace("x", ",").split(",")
    if not all(size.strip().isdecimal() for size in sizes):
        raise argparse.ArgumentTypeError(f"a shape is like 3,224,224, got {text!r}")
    return tuple(map(int, sizes))
