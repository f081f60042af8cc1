"""Serves the app with Voila, to this machine only."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "app"  # the notebook, and a template without a CDN
LOOPBACK = "127.0.0.1"
USUAL_PORT = 8866  # of Voila
PATIENCE = 60.0  # seconds to wait for the first answer of Voila


def serve(
    port: int | None,
    has_browser: bool,
    language: str | None,
    extra: Sequence[str],
    say: Callable[[str], None],
) -> int:
    """Run Voila in this process until it is stopped; the page needs the token of its address."""
    from voila.app import Voila

    token = secrets.token_hex(24)
    port = _free_port(port)
    address = f"http://{LOOPBACK}:{port}/?token={token}"
    os.environ["JUPYTER_TOKEN"] = token  # other users can read the command line
    os.environ["JUPYTER_PATH"] = os.pathsep.join(
        filter(None, (str(FOLDER), os.environ.get("JUPYTER_PATH")))
    )
    if language is not None:
        os.environ["POOLVIZ_LANGUAGE"] = language
    say(f"the app will be at {address}")
    if has_browser:
        threading.Thread(target=_open_once_it_answers, args=(address, port), daemon=True).start()
    Voila.launch_instance(voila_arguments(port, extra))
    return 0


def voila_arguments(port: int, extra: Sequence[str] = ()) -> list[str]:
    """Return the arguments of Voila; `extra` comes last and takes precedence."""
    return [
        str(FOLDER / "poolviz.ipynb"),
        "--token",  # of the environment
        "--no-browser",  # Voila would open the address without the token
        f"--port={port}",
        "--Voila.port_retries=0",
        f"--Voila.ip={LOOPBACK}",
        "--template=poolviz_app",
        "--Voila.log_level=WARN",
        *extra,
    ]


def _free_port(wanted: int | None) -> int:
    """Return the requested port, else the usual one, else any free port, as for 0."""
    if wanted:
        return wanted
    if wanted is None:
        with suppress(OSError), socket.create_server((LOOPBACK, USUAL_PORT)):
            return USUAL_PORT
    with socket.create_server((LOOPBACK, 0)) as free:
        return int(free.getsockname()[1])


def _open_once_it_answers(address: str, port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            webbrowser.open(address)
            return
        time.sleep(0.1)
