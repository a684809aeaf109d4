"""Serve the built book on the loopback address: `python -m descent.publish.serve [port]`."""

from __future__ import annotations

import gzip
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from descent.publish.policy import book_policy

BOOK = Path("_build/html")
COMPRESSIBLE = {".html", ".css", ".js", ".json", ".svg"}


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder, compressed where that helps and the browser accepts it."""

    protocol_version = "HTTP/1.1"

    # Media types that the standard library does not know on every version of Python.
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".webp": "image/webp",
        ".woff2": "font/woff2",
    }

    def __init__(self, *args: Any, policy: str, **kwargs: Any) -> None:
        self.policy = policy
        super().__init__(*args, **kwargs)

    def end_headers(self) -> None:
        """Add what a careful host would: pages run only what belongs to the book."""
        self.send_header("Content-Security-Policy", self.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        super().end_headers()

    def send_head(self) -> BinaryIO | BytesIO | None:
        """Answer with a compressed body, or leave the request to the standard library.

        Returns:
            The body, or None when the answer has none.
        """
        path = Path(self.translate_path(self.path))
        if path.is_dir() and (path / "index.html").is_file() and self.path.endswith("/"):
            path /= "index.html"
        accepted = "gzip" in self.headers.get("Accept-Encoding", "")
        if not (accepted and path.is_file() and path.suffix in COMPRESSIBLE):
            return super().send_head()
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        return BytesIO(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: a reader has no use for a list of requests."""


class Server(ThreadingHTTPServer):
    """A server for readers who come and go."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report a fault, but not a reader who left before the page was there."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """Bind a server to the loopback address.

    Args:
        folder: Folder to serve.
        port: TCP port; 0 takes any free one.

    Returns:
        The server, not yet running.

    Raises:
        FileNotFoundError: If the book has not been built.
    """
    if not (folder / "index.html").is_file():
        raise FileNotFoundError(f"{folder}/index.html does not exist: run `make book` first")
    handler = partial(Handler, policy=book_policy(folder), directory=str(folder))
    return Server(("127.0.0.1", port), handler)


def main() -> None:
    """Serve until the reader presses Ctrl-C."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    try:
        book = server(BOOK, port)
    except OSError as error:
        sys.exit(f"make: {error.strerror or error}; another port: make serve PORT=8001")
    print(f"The book is at http://127.0.0.1:{port}/  (Ctrl-C ends)")
    try:
        book.serve_forever()
    except KeyboardInterrupt:
        book.server_close()


if __name__ == "__main__":
    main()
