// Axes: the ends that data need, places on the canvas, and ticks.

// Marks that reach to the ends of the panel on their own; see descent/plots.py.
const EDGED = new Set(["line", "band", "rule", "handle"]);
const GROUND = new Set(["contours", "heat"]);

/** Ends of an axis: those given, those of the field beneath, or those that hold all numbers. */
function fitDomain(axis, which, marks, held) {
  if (axis.low != null && axis.high != null) return [axis.low, axis.high];
  const ground = marks.filter((m) => GROUND.has(m.kind)), holding = ground.length ? ground : marks;
  let low = Infinity, high = -Infinity;
  for (const names of held) for (const values of heldBy(holding, names, which, axis.log)) for (const v of values) {
    if (!Number.isFinite(v) || (axis.log && v <= 0)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (low > high) [low, high] = axis.log ? [0.1, 10] : [0, 1];
  const edged = low < high && (ground.length || (which === "x" && marks.every((m) => EDGED.has(m.kind))));
  if (edged) return [axis.low ?? low, axis.high ?? high];
  [low, high] = [axis.low ?? low, axis.high ?? high];
  if (axis.log) {
    if (axis.low == null) low = 10 ** Math.floor(Math.log10(Math.max(low, high * 1e-16)) + 1e-9);
    if (axis.high == null) high = 10 ** Math.ceil(Math.log10(high) - 1e-9);
    return low < high ? [low, high] : [low / 10, low * 10];
  }
  const air = (high - low || Math.abs(high) || 1) * 0.06;
  return [axis.low ?? low - air, axis.high ?? high + air];
}

function makeScale(axis, [low, high], from, to) {
  const f = axis.log ? Math.log : (v) => v, a = f(low), k = (to - from) / (f(high) - a);
  const scale = (v) => from + (f(v) - a) * k;
  scale.invert = (p) => { const u = a + (p - from) / k; return axis.log ? Math.exp(u) : u; };
  return Object.assign(scale, { low, high, log: axis.log, names: axis.names, span: Math.abs(to - from) });
}

/** Ticks with labels; few enough that labels cannot touch. */
function axisTicks(scale, spacing) {
  const room = Math.max(2, Math.floor(scale.span / spacing));
  if (scale.names) {
    const stride = Math.ceil(scale.names.length / Math.max(room, 2));
    return scale.names.map((text, v) => ({ v, text: v % stride ? "" : text }));
  }
  if (!scale.log) {
    const step = d3.tickStep(scale.low, scale.high, room), decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const large = Math.max(Math.abs(scale.low), Math.abs(scale.high)) >= 1e5;
    return d3.ticks(scale.low, scale.high, room).map((v) => ({ v, text: large ? numberText(v, 3, true) : v.toFixed(decimals).replace("-", "−") }));
  }
  const first = Math.ceil(Math.log10(scale.low) - 1e-9), last = Math.floor(Math.log10(scale.high) + 1e-9);
  const plain = first >= -3 && last <= 4, write = (v, p) => (plain ? numberText(v, 3, true) : p === 0 ? "1" : "10" + superscript(p));
  if (last - first < 2) {
    const found = [];
    for (let p = first - 1; p <= last; p++) for (const m of [1, 2, 5]) { const v = m * 10 ** p; if (v >= scale.low * 0.999 && v <= scale.high * 1.001) found.push({ v, text: numberText(v, 3, true) }); }
    return found;
  }
  const stride = Math.ceil((last - first + 1) / room), found = [];
  const origin = Math.floor(last / stride) > Math.ceil(first / stride) ? 0 : first; // At least two labels.
  const close = scale.span / (last - first) < 12; // Lines for every power would be a gray wall.
  for (let p = first; p <= last; p++) {
    const labeled = (p - origin) % stride === 0;
    if (labeled || !close) found.push({ v: 10 ** p, text: labeled ? write(10 ** p, p) : "" });
  }
  return found;
}
