"""Read the numbers that a sentence prints, with the precision it prints them to.

``0.9802`` promises its last digit, so a measured value agrees with it when it lies within half a
unit in that place. Everything is exact decimal arithmetic: no binary rounding of the text.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

_THIN = "\u2009\u202f\u00a0"
_LATEX = {
    r"\times": "×", r"\cdot": "·", "{,}": ",", r"\,": "\u2009", r"\%": "%", "$": "", "~": "\u00a0"
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_TIMES = rf"[\s{_THIN}]*[×x·][\s{_THIN}]*"
_INTEGER = r"[-−+]?\d+"

# A number glued to a letter is a name (1D, 3-D, H100, MNIST-1D), not a quantity; "3x" is one.
_NUMBER = re.compile(
    rf"""
    (?<![\w.^]) (?<![A-Za-z][-\u2011])
    (?P<sign>(?<![)\]%{{}}])[-−+])?
    (?> 10\^\{{?(?P<bare>{_INTEGER})\}}?
      | (?P<mantissa> \d{{1,3}}(?:[,{_THIN}]\d{{3}}(?!\d))+(?:\.\d+)? | \d+(?:\.\d+)? | \.\d+ )
        (?: [eE](?P<e>{_INTEGER}) | {_TIMES}10\^\{{?(?P<power>{_INTEGER})\}}? )?
    )
    (?! (?!x\b)[A-Za-z_] | -[A-Za-z] )
    (?P<foreign>\^)?
    (?P<percent> [\s{_THIN}]? (?: % | percent\b | per\ cent\b ) )?
    """,
    re.VERBOSE,
)
_AMBIGUOUS = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d.])")


@dataclass(frozen=True)
class Printed:
    """A number as printed: its exact value and half a unit in its last printed place."""

    text: str
    value: Decimal
    half_unit: Decimal

    def rounds_from(self, measured: float) -> bool:
        """Say whether ``measured`` agrees with the print to its last place.

        Both neighbors of a tie are accepted, and a relative 1e-9 of the half unit forgives the
        binary rounding of the measured value.

        Args:
            measured: The value found, in the unit of the text (a percentage is a fraction).

        Returns:
            True if the distance to the printed value is at most half a unit in its last place.

        Example:
            >>> (number,) = read_numbers("0.98")
            >>> number.rounds_from(0.9802), number.rounds_from(0.9752), number.rounds_from(0.97)
            (True, True, False)
        """
        return abs(Decimal(measured) - self.value) <= self.half_unit * Decimal("1.000000001")


def read_numbers(text: str) -> tuple[Printed, ...]:
    r"""Find the numbers in a phrase, in reading order.

    Understood: ASCII and Unicode minus, decimal points, thousands separated by a comma or a thin
    or non-breaking space, ``1e-5``, ``2 × 10⁻⁵``, ``$2\times10^{-5}$``, ``10⁻⁵``, ``25 %``.

    Args:
        text: The phrase, MyST or plain.

    Returns:
        The numbers with their printed precision.

    Raises:
        ValueError: If the phrase can be read in two ways (``10 000``, ``2⁵``, ``007``).

    Example:
        >>> [str(number.value) for number in read_numbers("between 1.00 and −3 × 10⁻⁵")]
        ['1.00', '-0.00003']
        >>> read_numbers("25 %")[0]
        Printed(text='25 %', value=Decimal('0.25'), half_unit=Decimal('0.005'))
    """
    plain = text
    for latex, character in _LATEX.items():
        plain = plain.replace(latex, character)
    plain = re.sub(
        r"(?<=[\w)])[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "^" + m[0].translate(_SUPERSCRIPTS), plain
    )
    if ambiguous := _AMBIGUOUS.search(plain):
        raise ValueError(
            f"claim text {text!r}: {ambiguous[0]!r} could be one number or several; "
            "separate thousands by a comma, numbers by a word"
        )
    return tuple(_printed(match, text) for match in _NUMBER.finditer(plain))


def _printed(match: re.Match[str], text: str) -> Printed:
    digits = re.sub(f"[,{_THIN}]", "", match["mantissa"] or "1")
    if match["foreign"]:
        raise ValueError(f"claim text {text!r}: only powers of ten can be read, as in 2 × 10⁻⁵")
    if re.match(r"0\d", digits):
        raise ValueError(f"claim text {text!r}: {digits!r} has a leading zero")
    mantissa = Decimal(digits) * (-1 if match["sign"] in ("-", "−") else 1)
    written = match["bare"] or match["e"] or match["power"] or "0"
    shift = int(written.replace("−", "-")) - (2 if match["percent"] else 0)
    last_place = -len(digits.partition(".")[2]) + shift
    return Printed(match[0].strip(), mantissa.scaleb(shift), Decimal(5).scaleb(last_place - 1))
