// What each mark draws, as columns of numbers; descent/explore/drawn.py does the same in Python.

/** Return a field; a series of vectors counts as one, with a row of cells for each component. */
function fieldOf(names, name) {
  const value = names.get(name);
  if (value.x) return value;
  const { at, values, size } = value, n = at.length, turned = new Float64Array(values.length);
  for (let k = 0; k < n; k++) for (let j = 0; j < size; j++) turned[j * n + k] = values[k * size + j];
  return { x: at, y: Float64Array.from({ length: size }, (_, j) => j), values: turned, version: (value.seen = (value.seen || 0) + 1) };
}

const every = (values, stride, offset) => Float64Array.from({ length: Math.floor(values.length / stride) }, (_, i) => values[stride * i + offset]);
const pairs = (flat) => [every(flat, 2, 0), every(flat, 2, 1)];
// Plain arrays have methods called `at` and `values`; a series holds typed arrays there.
const isSeries = (value) => ArrayBuffer.isView(value.values);
const plainOf = (value) => (isSeries(value) ? value.values : value);

const COLUMNS = {
  line(names, m) { const s = names.get(m.y), rows = isSeries(s) ? [s.at, s.values] : [Float64Array.from(s, (_, i) => i), s]; return m.transpose ? rows.reverse() : rows; },
  bars(names, m) { return COLUMNS.line(names, m); },
  path(names, m) { return pairs(names.get(m.xy).values); },
  points(names, m) { return pairs(m.at.flat()); },
  dot(names, m) { return [[numberOf(names, m.x)], [numberOf(names, m.y)]]; },
  band(names, m) { const [a, b] = [names.get(m.low), names.get(m.high)]; return [[...a.at, ...b.at], [...a.values, ...b.values]]; },
  cloud(names, m) {
    const value = names.get(m.of);
    if (m.y) return [plainOf(value), plainOf(names.get(m.y))];
    return isSeries(value) && value.size === 1 ? [value.at, value.values] : pairs(plainOf(value));
  },
};

/** The x and the y of a mark; null for fields, rules, circles and grips. */
const columnsOf = (names, mark) => (COLUMNS[mark.kind] ? COLUMNS[mark.kind](names, mark) : null);

/** Half the room of one bar or cell among evenly spaced places. */
const halfRoom = (at) => (at.length > 1 ? Math.abs(at[1] - at[0]) / 2 : 0.5);

/** Ends of a row of cells around places, which are evenly spaced on the axis or in its logarithm. */
function cellEnds(at, log) {
  const n = at.length, f = log ? Math.log : (v) => v, back = log ? Math.exp : (v) => v;
  if (n === 1) return [at[0] - 0.5, at[0] + 0.5];
  return [back(f(at[0]) - (f(at[1]) - f(at[0])) / 2), back(f(at[n - 1]) + (f(at[n - 1]) - f(at[n - 2])) / 2)];
}

/** Numbers that a fitted axis must hold, mark by mark. */
function* heldBy(marks, names, which, log) {
  const flat = which === "x";
  for (const m of marks) {
    const columns = columnsOf(names, m);
    if (columns) yield columns[flat ? 0 : 1];
    if (m.kind === "bars") {
      const at = columns[m.transpose ? 1 : 0], half = halfRoom(at);
      yield flat !== !!m.transpose ? [at[0] - half, at[at.length - 1] + half] : [0];
    }
    if (m.kind === "rule" && m[which] !== undefined) yield [numberOf(names, m[which])];
    if (m.kind === "circle") { const [at, r] = [m[which], m.radius].map((v) => numberOf(names, v)); yield [at - r, at + r]; }
    if (m.field) {
      const at = fieldOf(names, m.field)[which];
      yield m.kind === "heat" ? cellEnds(at, log) : [at[0], at[at.length - 1]];
    }
  }
}
