"""The slow link itself: late, complete, in order, and as a connection ends."""

from __future__ import annotations

import socket
import socketserver
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread

import pytest

from tests.browser.support.delay import HOST, cuttable_link, slow_link

ONE_WAY = 0.05


@contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does `answer` with each connection; its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            answer(self.request)

    class Server(socketserver.ThreadingTCPServer):
        request_queue_size = 512
        daemon_threads = True

    with Server((HOST, 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def received(connection: socket.socket) -> bytes:
    """Everything until the other side says that there is no more."""
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def whole(connection: socket.socket) -> None:
    """Answers only after the end of the question: needs a half-closed connection."""
    connection.sendall(received(connection)[::-1])


def ping(connection: socket.socket) -> None:
    while part := connection.recv(1024):
        connection.sendall(part)


def called(port: int) -> socket.socket:
    return socket.create_connection((HOST, port), timeout=30)


def is_over(connection: socket.socket) -> bool:
    """Ended in good order, or cut."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def asked(port: int, question: bytes) -> bytes:
    with called(port) as connection:
        connection.sendall(question)
        connection.shutdown(socket.SHUT_WR)
        return received(connection)


def test_a_byte_is_late_by_both_ways() -> None:
    took = []
    with serving(ping) as port, slow_link(port, ONE_WAY) as far, called(far) as connection:
        for _ in range(5):
            start = time.monotonic()
            connection.sendall(b"x")
            assert connection.recv(1) == b"x"
            took.append(time.monotonic() - start)

    assert min(took) >= 2 * ONE_WAY - 0.002  # the event loop's clock is that coarse


def test_delay_is_not_paid_for_every_chunk() -> None:
    """Bytes are on the way together: an hour would not do if 16 MB were late 256 times."""
    question = bytes(range(256)) * 65_536
    with serving(whole) as port, slow_link(port, 0.5) as far:  # PATIENCE is far below 256 of them
        start = time.monotonic()
        answer = asked(far, question)
        took = time.monotonic() - start

    assert answer == question[::-1]
    assert took < 256 * 0.5


def test_a_half_closed_connection_still_brings_the_answer() -> None:
    with serving(whole) as port, slow_link(port, ONE_WAY) as far:
        assert asked(far, b"question") == b"noitseuq"
        assert asked(far, b"") == b""


def test_many_connections_do_not_mix() -> None:
    questions = [f"{i} ".encode() * 1000 for i in range(200)]
    with serving(whole) as port, slow_link(port, ONE_WAY) as far, ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda question: asked(far, question), questions))

    assert answers == [question[::-1] for question in questions]


@pytest.mark.parametrize("is_rude", [False, True], ids=["closed", "reset"])
def test_a_server_that_hangs_up_ends_the_connection(is_rude: bool) -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.recv(1)
        if is_rude:  # a close without FIN: the other side gets a reset
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1] + 7 * [0]))
        connection.close()

    with serving(hang_up) as port, slow_link(port, ONE_WAY) as far, called(far) as connection:
        connection.sendall(b"x")

        assert is_over(connection)


def test_nobody_there() -> None:
    with socket.socket() as unused:
        unused.bind((HOST, 0))  # kept, so that nobody else can listen there
        with slow_link(unused.getsockname()[1], ONE_WAY) as far, called(far) as connection:
            assert is_over(connection)


def test_closing_the_link_cuts_what_is_open() -> None:
    with serving(ping) as port:
        with slow_link(port, ONE_WAY) as far:
            connection = called(far)
            connection.sendall(b"x")
            assert connection.recv(1) == b"x"
        with connection:
            assert is_over(connection)
        with pytest.raises(ConnectionRefusedError):
            called(far)


def test_a_link_that_is_cut_and_mended() -> None:
    """What was open breaks, what is new is refused, and afterwards all is as before."""
    with serving(ping) as port, cuttable_link(port) as link:
        with called(link.port) as before:
            before.sendall(b"x")
            assert before.recv(1) == b"x"
            link.cut()
            assert is_over(before)
        with called(link.port) as meanwhile:
            assert is_over(meanwhile)
        link.mend()
        with called(link.port) as after:
            after.sendall(b"y")
            assert after.recv(1) == b"y"
