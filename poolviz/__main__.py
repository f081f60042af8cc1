"""The command line: `python -m poolviz` with `lab`, `app`, `decode`, `check`, `run` and others."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from poolviz import __version__
from poolviz.arithmetic.layers.in_use import VARIABLE
from poolviz.cli import teaching_commands, voila_app
from poolviz.cli.command_parser import command_parser
from poolviz.cli.notebooks import START, checkout_notebooks, copy_notebooks, notebooks_folder
from poolviz.i18n.sanitize import in_lines, in_one_line

OWN_COPY = "poolviz-notebooks"  # where `lab` copies the notebooks of the installed package
JUPYTERLAB = "jupyterlab>=4.4"  # as in the extra `lab` of pyproject.toml
VOILA = "voila>=0.5.8"  # as in the extra `app`


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code: 0, 1 for a failure, 2 for wrong usage."""
    parser = command_parser(__version__)
    options, rest = parser.parse_known_args(arguments)
    if options.command == "run":  # what the program raises is its own
        from poolviz.cli.run_program import run_program

        html: Path | None = getattr(options, "html", None)
        return run_program(options.program, options.arguments, html)
    if "html" in options:
        parser.error("--html is for run")
    try:
        code = _command(parser, options, rest)
        sys.stdout.flush()  # here, where it is noticed that nobody reads
    except BrokenPipeError:
        # `head` has read enough. Python would report at its exit what is still to be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        _say(str(error))
        return 2 if options.command == "check" else 1
    return code


def _command(
    parser: argparse.ArgumentParser, options: argparse.Namespace, rest: Sequence[str]
) -> int:
    if options.command == "lab":
        if options.framework:
            os.environ[VARIABLE] = options.framework  # the kernels inherit it
        return _lab(options.port, options.no_browser, rest)
    if options.command == "app":
        return _app(options.port, options.no_browser, options.language, rest)
    if options.command in ("decode", "explain") and not rest:
        return _decode(options.file, options.language)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if options.command == "check":
        return _check(options)
    if options.command in teaching_commands.NAMES:
        print(f"{teaching_commands.run(options)}: {in_one_line(str(options.to))}")
        return 0
    if options.command == "export":
        if options.scorm:
            return _export_scorm(options)
        if options.to.suffix.lower() in (".xml", ".zip"):
            return _export_bank(options)
        return _export(options.names, options.to, options.force)
    if options.command == "lite":
        return _lite(options)
    return _copy(options.folder, options.force, options.framework)


def lab_command(
    notebooks: Path, port: int | None, no_browser: bool, extra: Sequence[str], is_root: bool
) -> list[str]:
    """Return the command that starts JupyterLab with the first notebook."""
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={notebooks.parent}",
        # As the start page and not as a file to open, so that the printed address has it too.
        f"--LabApp.default_url=/lab/tree/{notebooks.name}/{START}",
    ]
    if port is not None:
        command.append(f"--port={port}")
    if no_browser:
        command.append("--no-browser")
    if is_root:
        command.append("--allow-root")  # without it JupyterLab does not start as root
    return [*command, *extra]


def runs_as_root() -> bool:
    """Return True for the superuser; Windows has none."""
    geteuid = getattr(os, "geteuid", None)
    return geteuid is not None and bool(geteuid() == 0)


def pip_line(*requirements: str) -> str:
    """Return the command that installs packages here, also in an environment without pip."""
    python = shlex.quote(sys.executable)
    pip = f"{python} -m pip" if find_spec("pip") else f"python3 -m pip --python {python}"
    return f"{pip} install {shlex.join(requirements)}"


def _check(options: argparse.Namespace) -> int:
    from poolviz.cli.check import as_json, checked, exit_code

    every = (one for file in options.files for one in checked(file, options.input))
    found = list(dict.fromkeys(every))  # a function and what it returned are one model
    if options.json:
        print(as_json(found))
    else:
        for one in found:
            print(in_one_line(str(one)))
    return exit_code(found)


def _lab(port: int | None, no_browser: bool, extra: Sequence[str]) -> int:
    if find_spec("jupyterlab") is None:
        return _fail(
            f"JupyterLab is not installed here. This installs it:\n  {pip_line(JUPYTERLAB)}"
        )
    notebooks = checkout_notebooks() or _own_copy(Path.cwd() / OWN_COPY)
    return _run(lab_command(notebooks, port, no_browser, extra, runs_as_root()))


def _app(port: int | None, no_browser: bool, language: str | None, extra: Sequence[str]) -> int:
    if missing := [module for module in ("voila", "ipykernel") if find_spec(module) is None]:
        line = pip_line(VOILA, "ipykernel")
        return _fail(f"{missing[0]} is not installed here. This installs what is needed:\n  {line}")
    return voila_app.serve(port, not no_browser, language, extra, _say)


def _decode(file: Path | None, language: str | None) -> int:
    from poolviz.cli.decode import explained

    text, is_known = explained(file, language)
    print(text)
    return 0 if is_known else 1


def _own_copy(folder: Path) -> Path:
    """Update the user's copy of the notebooks; changed files are kept."""
    for path, what in copy_notebooks(notebooks_folder(), folder):
        if what == "kept":
            _say(f"kept your changed {path}")
    _say(f"the notebooks are in {folder}")
    return folder


def _run(command: list[str]) -> int:
    if os.name == "posix":  # become JupyterLab, so that signals reach it
        os.execv(command[0], command)
    return subprocess.call(command)


def _copy(folder: Path, force: bool, framework: str | None) -> int:
    copied = copy_notebooks(notebooks_folder(), folder, force=force, framework=framework)
    for path, what in copied:
        print(f"{what}: {in_one_line(str(path))}")
    refused = sum(what in ("kept", "unchanged") for _, what in copied)
    if refused and not force:
        return _fail(f"{refused} of {len(copied)} files were there and stay; --force overwrites")
    return 0


def _export_bank(options: argparse.Namespace) -> int:
    from poolviz.cli.export_bank import export_bank

    try:
        bank = export_bank(
            options.names, options.to, options.variants, options.seed, options.language, options.qti
        )
    except ValueError as error:
        return _fail(str(error))
    print(f"{bank.questions} questions: {in_one_line(str(bank.path))}")
    for name, reason in bank.left_out.items():
        print(f"left out: {name}: {reason}")
    return 0


def _export_scorm(options: argparse.Namespace) -> int:
    from poolviz.cli.export_bank import export_scorm

    try:
        path = export_scorm(
            options.names, options.to, options.scorm, options.seed, options.language
        )
    except ValueError as error:
        return _fail(str(error))
    print(f"SCORM {options.scorm}: {in_one_line(str(path))}")
    return 0


def _export(names: Sequence[str], folder: Path, force: bool) -> int:
    from poolviz.cli.export import export
    from poolviz.cli.run_notebook import ExportError

    try:
        pages = export(names, folder, force=force)
    except ExportError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        _fail("stopped; the pages that were written stay, there is no index")
        return 130
    print(f"{pages} pages and an index: {in_one_line(str(folder / 'index.html'))}")
    return 0


def _lite(options: argparse.Namespace) -> int:
    from poolviz.cli.lite import NEEDED, LiteError, build, missing

    if lost := missing():
        line = pip_line(*NEEDED)
        return _fail(f"{lost[0]} is not installed here. This installs what is needed:\n  {line}")
    try:
        page = build(options.to, options.pyodide, options.wheels, force=options.force)
    except LiteError as error:
        return _fail(str(error))
    print(f"the site begins with {in_one_line(str(page))}")
    print(f"  python3 -m http.server --directory {shlex.quote(str(options.to))}")
    return 0


def _fail(message: str) -> int:
    _say(message)
    return 1


def _say(message: str) -> None:
    print(f"poolviz: {in_lines(message)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
