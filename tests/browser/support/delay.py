"""A far-away server, played on this machine: a TCP link that is slow, and that can be cut."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import NamedTuple

HOST = "127.0.0.1"
_CHUNK = 65_536  # bytes that are read at once
_MOST_CHUNKS = 1024  # on the way in one direction; then the sender has to wait, as on a real link


class Cuttable(NamedTuple):
    """A port that leads somewhere, as long as nobody cuts the link."""

    port: int
    lose: Callable[[], None]  # what is on the way is lost; both ends take the link for whole
    cut: Callable[[], None]  # what is open breaks, and nothing new is let through
    mend: Callable[[], None]


@contextmanager
def slow_link(port: int, one_way: float) -> Iterator[int]:
    """A port that leads to `port`; every byte takes `one_way` seconds there, and as long back."""
    with cuttable_link(port, one_way) as link:
        yield link.port


@contextmanager
def cuttable_link(port: int, one_way: float = 0.0) -> Iterator[Cuttable]:
    """The same, with both ends of a wire in one's hands."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="slow link", daemon=True)
    thread.start()
    link = _Link(port, one_way)

    def let_through(is_open: bool) -> None:
        asyncio.run_coroutine_threadsafe(link.let_through(is_open), loop).result()

    try:
        opened = asyncio.run_coroutine_threadsafe(link.open(), loop).result()
        yield Cuttable(opened, link.lose, lambda: let_through(False), lambda: let_through(True))
    finally:
        asyncio.run_coroutine_threadsafe(link.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Link:
    """One listening port and the connections that came through it."""

    def __init__(self, port: int, one_way: float) -> None:
        self._port = port
        self._one_way = one_way
        self._is_open = True
        self._is_losing = False
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self) -> int:
        self._server = await asyncio.start_server(self._accept, HOST, 0, backlog=512)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        self._server.close()
        await self._break()

    def lose(self) -> None:
        self._is_losing = True

    async def let_through(self, is_open: bool) -> None:
        self._is_open = is_open
        self._is_losing = False
        if not is_open:
            await self._break()

    async def _break(self) -> None:
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._is_open:
            writer.transport.abort()
            return
        # A task of our own: asyncio would report the one it makes as failed when it is cancelled.
        connection = asyncio.ensure_future(self._connect(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _connect(self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter) -> None:
        """Carries both ways, until both have ended or one is broken."""
        ends = [to_near]
        try:
            far, to_far = await asyncio.open_connection(HOST, self._port)
            ends.append(to_far)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._carry(near, to_far))
                both.create_task(self._carry(far, to_near))
            for end in ends:
                end.close()
        except* OSError:
            pass  # nobody listens, or one side is gone: so is the other one now
        finally:
            for end in ends:
                if not end.is_closing():
                    end.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Everything from `source` to `target`, its end too: the other direction may go on."""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_MOST_CHUNKS)
        async with asyncio.TaskGroup() as both:
            both.create_task(_depart(source, on_the_way, self._one_way))
            both.create_task(self._arrive(on_the_way, target))

    async def _arrive(
        self, on_the_way: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter
    ) -> None:
        now = asyncio.get_running_loop().time
        while True:
            due, chunk = await on_the_way.get()
            await asyncio.sleep(due - now())
            if not chunk:
                target.write_eof()
                return
            if not self._is_losing:
                target.write(chunk)
                await target.drain()


async def _depart(
    source: asyncio.StreamReader, on_the_way: asyncio.Queue[tuple[float, bytes]], one_way: float
) -> None:
    now = asyncio.get_running_loop().time
    while chunk := await source.read(_CHUNK):
        await on_the_way.put((now() + one_way, chunk))
    await on_the_way.put((now() + one_way, b""))
