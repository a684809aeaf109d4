"""Two hosts for the built book on the loopback address: one compresses, one does not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

from descent.publish.serve import Handler, server

HOSTS = ("compressed", "plain")


class Plain(Handler):
    """The files as they are."""

    send_head = SimpleHTTPRequestHandler.send_head


@contextmanager
def serving(folder: Path, host: str) -> Iterator[str]:
    """Serve a folder while the block runs.

    Args:
        folder: The built book.
        host: One of `HOSTS`.

    Yields:
        The address, ending in a slash.
    """
    with server(folder) as book:
        if host == "plain":
            same: Any = book.RequestHandlerClass  # Its folder and its policy are bound to it.
            book.RequestHandlerClass = partial(Plain, **same.keywords)
        threading.Thread(target=book.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{book.server_port}/"
        book.shutdown()
