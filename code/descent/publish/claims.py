"""The claims of the book and the tests that verify them, read from the sources.

A chapter prints a number inside a role, ``{claim}`0.9802 <ic-gd-rate-100>```, and a test asks for
it by name, ``claimed("ic-gd-rate-100")``. The number stands in one place, the text. This module
finds both ends of that thread and every thread with a loose end; it needs no Sphinx.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from descent.publish.bindings import Binding, Problem, read_tests
from descent.publish.printed import Printed, read_numbers

CLAIM_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
_CONTENT = re.compile(r"(?P<text>.*\S)\s*<(?P<id>[^<>]*)>", re.DOTALL)
_ROLE = re.compile(r"\{claim\}(?P<ticks>`+)(?P<content>.+?)(?<!`)(?P=ticks)(?!`)", re.DOTALL)
_FENCE = re.compile(r" *(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>\S*)")
_BREAK = re.compile(r"\n\s*\n|\n\s*(?::{3,}|`{3,}|[-*+] |\d+\. |#|\|)")
_SENTENCE_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bal)(?<!\bvs)[.!?][*_)\"']*(?=\s|$)")


@dataclass(frozen=True)
class Claim:
    """A quantity that the book prints, and where."""

    id: str
    text: str
    sentence: str
    path: Path
    line: int

    @cached_property
    def numbers(self) -> tuple[Printed, ...]:
        """The printed numbers, in reading order; a text without one is a ``ValueError``."""
        if not (numbers := read_numbers(self.text)):
            raise ValueError(f"claim {self.id!r}: the text {self.text!r} holds no number")
        return numbers


@dataclass(frozen=True)
class Ledger:
    """Every claim of the book beside every test that verifies one."""

    claims: tuple[Claim, ...]
    bindings: tuple[Binding, ...]
    problems: tuple[Problem, ...]

    @classmethod
    def read(cls, root: Path, pages: str = "book", tests: str = "tests") -> "Ledger":
        """Read a project's pages (``*.md``) and tests (``test_*.py``).

        Args:
            root: The project's folder; paths in the ledger are relative to it.
            pages: The folder of the pages, below ``root``.
            tests: The folder of the tests, below ``root``.

        Returns:
            The ledger, with its problems: none when each claim has a test and each test a claim.
        """
        found: list[Claim | Binding | Problem] = []
        for path in sorted((root / pages).rglob("*.md")):
            found += read_page(path.read_text(encoding="utf-8"), path.relative_to(root))
        for path in sorted((root / tests).rglob("test_*.py")):
            found += read_tests(path.read_text(encoding="utf-8"), path.relative_to(root))
        claims = tuple(item for item in found if isinstance(item, Claim))
        bindings = tuple(item for item in found if isinstance(item, Binding))
        unread = (item for item in found if isinstance(item, Problem))
        return cls(claims, bindings, (*unread, *_loose_ends(claims, bindings)))

    def __getitem__(self, claim_id: str) -> Claim:
        """Return the claim of that id; a ``KeyError`` names the ids that exist."""
        found = [claim for claim in self.claims if claim.id == claim_id]
        if not found:
            known = ", ".join(sorted(claim.id for claim in self.claims)) or "none"
            raise KeyError(f"no page prints the claim {claim_id!r}; known claims: {known}")
        return found[0]

    def tests_of(self, claim_id: str) -> tuple[Binding, ...]:
        """Return the tests that verify a claim."""
        return tuple(binding for binding in self.bindings if binding.claim_id == claim_id)


def split_role(content: str) -> tuple[str, str]:
    """Split the content of a claim role into its printed text and its id.

    Args:
        content: What stands between the backticks, ``0.9802 <ic-gd-rate-100>``.

    Returns:
        Text and id.

    Raises:
        ValueError: If the id is missing or not lower-case words joined by hyphens.

    Example:
        >>> split_role("between 1.00 and 1.01 <ic-eos-mean>")
        ('between 1.00 and 1.01', 'ic-eos-mean')
    """
    match = _CONTENT.fullmatch(content.strip())
    if not match or not CLAIM_ID.fullmatch(match["id"]):
        raise ValueError(
            f"claim role {content!r}: must be 'text <id>', the id made of lower-case words "
            "joined by hyphens, such as <ic-gd-rate-100>"
        )
    return match["text"], match["id"]


def read_page(source: str, path: Path) -> Iterator[Claim | Problem]:
    """Yield the claims of a MyST page, and a problem for each that cannot be read."""
    page = _without_code(source)
    for match in _ROLE.finditer(page):
        line = page.count("\n", 0, match.start()) + 1
        try:
            text, claim_id = split_role(match["content"])
            claim = Claim(claim_id, text, _sentence(page, match), path, line)
            _ = claim.numbers
        except ValueError as error:
            yield Problem(path, line, str(error))
        else:
            yield claim


def _without_code(source: str) -> str:
    """Blank out code, keeping every character's position, so that examples are not claims."""
    lines: list[str] = []
    fences: list[tuple[str, bool]] = []  # the marks of the open fences, and whether each is code
    for line in source.split("\n"):
        fence, inside = _FENCE.match(line), bool(fences) and fences[-1][1]
        if fence and fences and not fence["info"] and fence["mark"].startswith(fences[-1][0]):
            fences.pop()
        elif fence and not inside:
            directive = re.match(r"\{(?!code)", fence["info"])
            fences.append((fence["mark"], not directive))
        lines.append(" " * len(line) if inside or fence else line)
    return "\n".join(lines)


def _sentence(page: str, role: re.Match[str]) -> str:
    """Return the sentence around a role, on one line, the role's own text in bold."""
    before = page[: role.start()]
    before = before[max((m.start() + 1 for m in _BREAK.finditer(before)), default=0) :]
    before = before[max((m.end() for m in _SENTENCE_END.finditer(before)), default=0) :]
    after = page[role.end() :]
    after = after[: min((m.start() for m in _BREAK.finditer(after)), default=len(after))]
    after = after[: min((m.end() for m in _SENTENCE_END.finditer(after)), default=len(after))]
    text = split_role(role["content"])[0]
    sentence = " ".join(f"{before}**{text}**{after}".split())
    sentence = _ROLE.sub(lambda other: _CONTENT.sub(r"\g<text>", other["content"]), sentence)
    return re.sub(r"^(?:[-*+|]|\d+\.|#+)\s+|\[\^\w+\]|\s*\|$", "", sentence)


def _loose_ends(claims: tuple[Claim, ...], bindings: tuple[Binding, ...]) -> Iterator[Problem]:
    known, tested = {claim.id for claim in claims}, {binding.claim_id for binding in bindings}
    count = Counter(claim.id for claim in claims)
    for claim in claims:
        if claim.id not in tested:
            yield Problem(claim.path, claim.line, f"claim {claim.id!r} has no test")
        if count[claim.id] > 1:
            message = f"claim id {claim.id!r} is used {count[claim.id]} times"
            yield Problem(claim.path, claim.line, message)
    for binding in bindings:
        if binding.claim_id not in known:
            message = (
                f"{binding.test} asks for the claim {binding.claim_id!r}, which no page prints"
            )
            yield Problem(binding.path, binding.line, message)
