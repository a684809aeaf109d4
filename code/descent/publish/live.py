"""Serve the built book with a kernel behind it: `python -m descent.publish.live`.

The pages are those of `make book`; what they get here is one script, which gives each code cell a
button that runs it, and lets the reader change it. Jupyter's own server checks the token of every
request, pages included, listens on the loopback address alone, and starts the kernels.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import AuthenticatedFileHandler
from jupyter_server.serverapp import ServerApp

from descent.publish.policy import book_policy
from descent.publish.serve import BOOK

HERE = Path(__file__).parent
PLACE = "/descent/"
SCRIPT, STYLE = "live.js", "live.css"
TAGS = (
    f'<script defer src="{PLACE}{SCRIPT}"></script>'
    f'<link rel="stylesheet" href="{PLACE}{STYLE}"></head>'
)


class Files(AuthenticatedFileHandler):
    """Files for a reader who has shown the token."""

    @property
    def content_security_policy(self) -> str:
        """The book's own policy, in place of the one that cuts a page off from the server."""
        return self.settings["book_policy"]

    def set_extra_headers(self, path: str) -> None:
        """Send the cookie that proves later requests to come from a page of this server."""
        super().set_extra_headers(path)
        assert self.xsrf_token


class Pages(Files):
    """Pages of the book, each with the script that runs its cells."""

    @classmethod
    def get_content(cls, abspath: str, start: int | None = None, end: int | None = None) -> Any:
        """Read a file; a page gets the script and its style.

        Args:
            abspath: The file.
            start: First byte of the part that is asked for.
            end: The byte behind that part.

        Returns:
            The bytes, or a generator of them.
        """
        if not abspath.endswith(".html"):
            return super().get_content(abspath, start, end)
        text = Path(abspath).read_text("utf-8").replace("</head>", TAGS, 1)
        return text.encode()[start:end]

    def get_content_size(self) -> int:
        """Count the bytes that `get_content` returns."""
        assert self.absolute_path is not None
        if not self.absolute_path.endswith(".html"):
            return super().get_content_size()
        return len(self.get_content(self.absolute_path))


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Let a server of Jupyter answer for the book's files."""
    server.web_app.settings["book_policy"] = book_policy(BOOK)
    own = (rf"{PLACE}({SCRIPT}|{STYLE})", Files, {"path": str(HERE)})
    pages = (rf"{PLACE}(.*)", Pages, {"path": str(BOOK.resolve())})
    server.web_app.add_handlers(".*$", [own, pages])


def settings() -> dict[str, Any]:
    """Return the settings of the server that no configuration of the reader's may weaken."""
    return {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.allow_remote_access": False,
        "ServerApp.allow_root": True,  # As in a container: strangers are kept out all the same.
        "ServerApp.base_url": "/",
        "ServerApp.root_dir": "book",
        "ServerApp.default_url": f"{PLACE}index.html",
        "IdentityProvider.token": os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(24),
    }


def main() -> None:
    """Serve until the reader ends it; options are those of `jupyter server`."""
    if not (BOOK / "index.html").is_file():
        sys.exit("make: the book is not built; run `make book` first")
    server = ServerApp.instance(
        jpserver_extensions={"descent.publish.live": True}, log_level="WARN", answer_yes=True
    )
    # What is said last holds, and no other extension starts.
    fixed = settings()
    arguments = [*sys.argv[1:], *(f"--{name}={value}" for name, value in fixed.items())]
    server.initialize(arguments, find_extensions=False)
    key = f"token={fixed['IdentityProvider.token']}"
    print(f"The book is at http://127.0.0.1:{server.port}{PLACE}index.html?{key}  (Ctrl-C ends)")
    server.start()


if __name__ == "__main__":
    main()
