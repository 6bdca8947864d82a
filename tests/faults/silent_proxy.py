"""A way to a TCP server on which connections fall silent, as behind a firewall that has forgotten them."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit


class SilentProxy:
    """`forget`: what is open now carries nothing any more, and is not closed either; new connections are as before."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.target = (str(parts.hostname), int(parts.port or 0))
        self.listener = socket.create_server(("127.0.0.1", 0))
        credentials = parts.netloc.rpartition("@")[0]
        self.url = urlunsplit(parts._replace(netloc=f"{credentials}@127.0.0.1:{self.listener.getsockname()[1]}"))
        self.lock = threading.Lock()
        self.open: list[tuple[socket.socket, threading.Event]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def forget(self) -> None:
        with self.lock:
            for _, forgotten in self.open:
                forgotten.set()

    def close(self) -> None:
        self.listener.close()
        with self.lock:
            for connection, _ in self.open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # it is closed
            while True:
                near, _ = self.listener.accept()
                far, forgotten = socket.create_connection(self.target), threading.Event()
                with self.lock:
                    self.open += [(near, forgotten), (far, forgotten)]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, sink, forgotten), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, forgotten: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if forgotten.is_set():
                    continue
                sink.sendall(data)
            if not forgotten.is_set():
                sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def silent_proxy(url: str) -> Iterator[SilentProxy]:
    proxy = SilentProxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
