"""What an exercise is: one source from which notebook, page, checker and tests are made."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal, get_args

Kind = Literal["prove", "code", "predict", "diagnose", "replicate", "check"]
Check = Callable[[Any], None]

# What every code cell of an exercise may use; the notebook runs it once, at the top.
SETUP = """
import torch

import descent

torch.set_num_threads(1)  # small problems are fastest on one thread
"""


class Failed(Exception):
    """A property that an answer should have and has not, in a sentence with the numbers."""


class NotYet(Exception):
    """The stub was handed in unchanged."""


@dataclass(frozen=True)
class Wrong:
    """A known wrong answer and what its author needs to hear.

    Args:
        code: A wrong answer in place of the stub's.
        feedback: Where it goes wrong, in Markdown, without giving the answer away.
        like: Says whether an answer makes this mistake. Left out, an answer makes it when it
            behaves like `code` does: same numbers under the exercise's `probe`.
    """

    code: str
    feedback: str
    like: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Number:
    """A question whose answer is a number.

    Args:
        unit: What the number counts, such as "steps"; empty for a pure number.
        within: Relative distance from the answer at which a prediction still counts.
        digits: Significant digits of the printed answer.
    """

    unit: str = ""
    within: float = 0.1
    digits: int = 3

    def compare(self, prediction: Any, value: float) -> str:
        """Describe how a wrong prediction misses, without giving the answer away."""
        side = "small" if float(prediction) < float(value) else "large"
        return f"the prediction is within {self.within:.0%} of what was computed; it is too {side}"

    def interval(self, value: float) -> tuple[float, float]:
        """Return the smallest and the largest prediction that counts as `value`."""
        reach = abs(value) * self.within
        return value - reach, value + reach

    def accepts(self, prediction: Any, value: float) -> bool:
        """Say whether a prediction counts as `value`."""
        low, high = self.interval(float(value))
        return low <= float(prediction) <= high

    def show(self, value: Any) -> str:
        """Print a value with its unit: `461 steps`, `1.00`."""
        number = float(value)
        power = f"{number:.{self.digits - 1}e}".partition("e")[2]
        places = max(0, self.digits - 1 - int(power))
        return f"{number:,.{places}f} {self.unit}".strip()


@dataclass(frozen=True)
class Choice:
    """A question with a few answers to choose from.

    Args:
        options: Key of each answer, the string that the reader's variable holds, to its wording.
    """

    options: Mapping[str, str]

    def accepts(self, prediction: Any, value: str) -> bool:
        """Say whether a prediction is the choice `value`."""
        if prediction not in self.options:
            raise Failed(f"the answer is one of {', '.join(map(repr, self.options))}")
        return prediction == value

    def compare(self, prediction: Any, value: str) -> str:
        """Say that a choice is wrong, without giving the answer away."""
        return "the prediction agrees with what was computed; it does not"

    def show(self, value: str) -> str:
        """Word a choice."""
        return self.options[value]


@dataclass(frozen=True)
class Exercise:
    """One exercise; see CONTRIBUTING for how to add one.

    Args:
        id: `<stem>.<name>`, the name a Python identifier.
        kind: prove, code, predict, diagnose, replicate, or check for one inside a chapter.
        title: A few words.
        stars: Difficulty, 1 to 3.
        minutes: How long a reader may need.
        prompt: The task, in Markdown that JupyterLab and the page both understand.
        name: The variable or function that the stub leaves to the reader.
        stub: The cell that the reader completes.
        solution: A right answer in place of the stub.
        hints: Exactly three, rising: where to look, what to write down, almost the answer.
        explanation: Why the solution is right, in Markdown.
        wrong: Known wrong answers by name.
        checks: Functions that take the answer and raise `Failed` with the missing property.
            An exercise with a `question` needs none.
        given: A cell to run before the stub, such as data.
        question: The form of the answer to a `predict` exercise or a check.
        probe: Turns an answer into numbers that show how it behaves, so that it can be compared
            with the known wrong answers. Left out, the answer itself is compared.
    """

    id: str
    kind: Kind
    title: str
    stars: int
    minutes: int
    prompt: str
    name: str
    stub: str
    solution: str
    hints: tuple[str, str, str]
    explanation: str
    wrong: Mapping[str, Wrong]
    checks: tuple[Check, ...] = ()
    given: str = ""
    question: Number | Choice | None = None
    probe: Callable[[Any], Any] = field(default=lambda answer: answer)

    def __post_init__(self) -> None:
        """Refuse an exercise that a reader could not use."""
        rules = {
            "id": bool(re.fullmatch(r"[a-z]\w*\.[a-z]\w*", self.id)),
            "kind": self.kind in get_args(Kind),
            "stars": self.stars in (1, 2, 3),
            "minutes": 0 < self.minutes <= 120,
            "hints": len(self.hints) == 3 and len({h.strip() for h in self.hints} - {""}) == 3,
            "wrong": len(self.wrong) > 0,
            "checks": bool(self.checks) != bool(self.question),
            "question": (self.question is not None) == (self.kind in ("predict", "check")),
        }
        for name, holds in rules.items():
            if not holds:
                raise ValueError(f"exercise {self.id!r}: {name} is {getattr(self, name)!r}")

    @property
    def stem(self) -> str:
        """The room that the exercise belongs to."""
        return self.id.partition(".")[0]

    @property
    def pass_code(self) -> str:
        """Six letters by which the page learns of a pass: computed from the id, and no secret."""
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        digest = sha256(f"passed: {self.id}".encode()).digest()
        return "".join(letters[byte % len(letters)] for byte in digest[:6])

    def define(self, code: str) -> Any:
        """Run a stub, a solution or a wrong answer as the notebook would, and return its answer."""
        namespace: dict[str, Any] = {}
        for cell in (SETUP, self.given, code):
            exec(compile(cell, f"<{self.id}>", "exec"), namespace)
        return namespace[self.name]
