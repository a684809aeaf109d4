"""Find the tests that verify the book's claims, by reading them, without running them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Binding:
    """A test function that asks for a claim by its id."""

    claim_id: str
    path: Path
    test: str
    line: int
    source: str


@dataclass(frozen=True)
class Problem:
    """A loose end in the ledger, with the place to mend it."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def read_tests(source: str, path: Path) -> Iterator[Binding | Problem]:
    """Yield what a test file claims: a literal ``claimed("id")`` inside each test that runs."""
    bound = set()
    for test, name in _tests(ast.parse(source)):
        start = min([test.lineno, *(mark.lineno for mark in test.decorator_list)])
        lines = "\n".join(source.splitlines()[start - 1 : test.end_lineno])
        for call in _claimed_calls(test):
            bound.add((call.lineno, call.col_offset))
            if not isinstance(claim_id := _literal(call), str):
                yield Problem(path, call.lineno, "claimed() needs the claim's id as a literal")
            elif skipped := [m for m in test.decorator_list if _skips(m)]:
                mark = ast.unparse(skipped[0])
                yield Problem(path, call.lineno, f"claim {claim_id!r}: the test is marked {mark}")
            elif any(isinstance(n, ast.Expr) and n.value is call for n in ast.walk(test)):
                yield Problem(path, call.lineno, f"claimed({claim_id!r}) alone compares nothing")
            else:
                yield Binding(claim_id, path, name, start, lines)
    for call in _claimed_calls(ast.parse(source)):
        if (call.lineno, call.col_offset) not in bound:
            yield Problem(path, call.lineno, "claimed() is called outside a test function")


def _tests(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    for node in tree.body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        for member in members:
            if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                if member.name.startswith("test"):
                    yield member, prefix + member.name


def _claimed_calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            if getattr(node.func, "id", getattr(node.func, "attr", None)) == "claimed":
                yield node


def _literal(call: ast.Call) -> object:
    only = len(call.args) == 1 and not call.keywords and isinstance(call.args[0], ast.Constant)
    return call.args[0].value if only else None  # type: ignore[attr-defined]


def _skips(decorator: ast.expr) -> bool:
    return re.search(r"\b(skip|skipif|xfail)\b", ast.unparse(decorator)) is not None
