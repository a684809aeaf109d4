"""How figures write numbers. The script of the page follows the same rules."""

import math

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Outside of this range a number reads better with a power of ten.
_SMALL, _LARGE = 1e-4, 1e6
_GROUPED = 1e4


def text(value: float, digits: int = 4, *, trim: bool = False) -> str:
    """Write a number with a fixed count of significant digits.

    Args:
        value: Any float.
        digits: Significant digits, at least 1.
        trim: Drop trailing zeros, as sliders do.

    Returns:
        The number with a true minus sign; "∞" and "–" stand for infinity and for no number.

    >>> text(0.93333), text(30.0, trim=True), text(54321.0, 3), text(-1.5e-7, 3)
    ('0.9333', '30', '54,321', '−1.50 × 10⁻⁷')
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    sign = "−" if value < 0 else ""
    power = int(exponent)
    if value and not _SMALL <= abs(value) < _LARGE:
        return f"{sign}{_trim(mantissa, trim)} × 10{str(power).translate(_SUPERSCRIPT)}"
    comma = "," if abs(value) >= _GROUPED else ""
    return sign + _trim(f"{abs(value):{comma}.{max(0, digits - 1 - power)}f}", trim)


def _trim(number: str, trim: bool) -> str:
    """Drop trailing zeros after the point."""
    return number.rstrip("0").rstrip(".") if trim and "." in number else number


def with_unit(number: str, unit: str) -> str:
    """Join a number and its unit.

    Args:
        number: Number as text.
        unit: Unit, or "" for a pure number.

    Returns:
        The text; "%" follows the number without a space.

    >>> with_unit("5", "%"), with_unit("5", "ms"), with_unit("5", "")
    ('5 %', '5 ms', '5')
    """
    return f"{number} {unit}" if unit else number
