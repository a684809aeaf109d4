// Numbers as text; the rules are those of descent/explore/numbers.py.

const SUPERSCRIPT = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const superscript = (n) => String(n).replace(/[-\d]/g, (c) => SUPERSCRIPT[c]);

/** Write a number with a count of significant digits. */
function numberText(value, digits = 4, trim = false) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  const [mantissa, exponent] = Math.abs(value).toExponential(digits - 1).split("e");
  const sign = value < 0 ? "−" : "", power = Number(exponent);
  const cut = (s) => (trim && s.includes(".") ? s.replace(/\.?0+$/, "") : s);
  const group = (s) => (Math.abs(value) >= 1e4 ? s.replace(/\d(?=(\d{3})+(\.|$))/g, "$&,") : s);
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6)) return `${sign}${cut(mantissa)} × 10${superscript(power)}`;
  return sign + group(cut(Math.abs(value).toFixed(Math.max(0, digits - 1 - power))));
}
