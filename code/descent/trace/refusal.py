"""What a tracer says when it meets something it cannot write down."""

from __future__ import annotations

import traceback
from pathlib import Path


class UnsupportedOperation(NotImplementedError):
    """A traced function does something that has no scalar form here.

    The message names the operation and, where it can be seen, the line of the traced function.

    Args:
        name: The aten operation.
        why: What about it is not supported.
    """

    def __init__(self, name: str, why: str = "it is not in the operation table"):
        self.name = name
        where = _call_site()
        super().__init__(f"{name} cannot be traced: {why}" + (f" ({where})" if where else ""))


def _call_site() -> str:
    """The innermost line of the traced function: outside torch and outside this package."""
    here = str(Path(__file__).parent)
    for frame in reversed(traceback.extract_stack()):
        name = frame.filename
        if not name.startswith(here) and "/torch/" not in name.replace("\\", "/"):
            return f"{name}:{frame.lineno}: {frame.line}"
    return ""
