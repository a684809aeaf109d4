// The numbers of a figure: names bound to numbers, vectors, series and fields at one setting.
// All mathematics is in `traced`, functions printed from the Python code of the book.

/** Return the value at position i of n on a grid {low, high, n, log}, {low, step, n} or {values, n}. */
function gridValue(grid, i) {
  if (grid.values) return grid.values[i];
  if (grid.step) return grid.low + grid.step * i;
  const t = grid.n > 1 ? i / (grid.n - 1) : 0;
  return grid.log ? grid.low * Math.pow(grid.high / grid.low, t) : grid.low + (grid.high - grid.low) * t;
}

const gridArray = (grid) => Float64Array.from({ length: lengthOf(grid.n) }, (_, i) => gridValue(grid, i));
const MOST_UPDATES = 2 ** 30;
const zeros = (n) => new Float64Array(lengthOf(n));

/** The last row of a series that is not later than a time. */
function rowAt({ at, timed }, time) {
  let row = at.length - 1;
  if (timed) while (row > 0 && at[row] > time) row--;
  return row;
}

/** Bind a series and the numbers that can be asked of it; see descent/explore/names.py. */
function bindSeries(names, name, series, time) {
  const { at, values, size, count } = series;
  const row = (i) => (size === 1 ? values[i] : Array.from(values.subarray(i * size, (i + 1) * size)));
  const last = Math.max(count - 1, 0);
  names.set(name, series);
  names.set(name + "_first", row(0));
  names.set(name + "_half", row(last >> 1));
  names.set(name + "_last", row(last));
  names.set(name + "_steps", last);
  names.set(name + "_now", row(Math.min(rowAt(series, time), last)));
  if (size > 1) return;
  let min = Infinity, max = -Infinity, top = 0;
  values.forEach((v, i) => {
    if (!Number.isFinite(v)) return;
    if (v > max) [max, top] = [v, i];
    if (v < min) min = v;
  });
  names.set(name + "_min", min <= max ? min : NaN);
  names.set(name + "_max", min <= max ? max : NaN);
  names.set(name + "_at_max", at[top]);
}

/** Fill the input vector of a signal; say whether anything changed since the last time. */
function gather(signal, names) {
  let at = 0, changed = !signal.done;
  for (const source of signal.in) {
    if (source.skip) { at += source.skip; continue; }
    const value = typeof source === "string" ? names.get(source) : source;
    for (const number of typeof value === "number" ? [value] : value) {
      if (!Object.is(signal.p[at], number)) changed = true;
      signal.p[at++] = number;
    }
  }
  signal.done = true;
  return changed;
}

function bindOutputs(signal, names) {
  let at = 0;
  for (const [name, size] of signal.out) {
    names.set(name, size === 1 ? signal.result[at] : Array.from(signal.result.subarray(at, at + size)));
    at += size;
  }
}

/** Measure a process; a curve that is not finite ends it. */
function observe(s) {
  const row = s.rows.subarray(s.seen * s.width, (s.seen + 1) * s.width);
  s.machine.observe(s.k, row);
  const curves = width(s.record);
  if (row.subarray(0, curves).every(Number.isFinite)) s.seen++;
  else s.ended = true;
}

/** Split the rows of a recorded run into one series per name. */
function bindRecord(signal, names, time) {
  let at = 0;
  for (const [name, size] of signal.record) {
    const series = signal.series[name];
    for (let k = 0; k <= signal.steps; k++)
      for (let j = 0; j < size; j++)
        series.values[k * size + j] = k < series.count ? signal.rows[k * signal.width + at + j] : NaN;
    at += size;
  }
  for (const [name] of signal.record) bindSeries(names, name, signal.series[name], time);
}

const width = (entries) => entries.reduce((sum, [, size]) => sum + size, 0);

const SIGNALS = {
  scalars: {
    prepare(s) { s.result = zeros(width(s.out)); },
    run(s) { s.fn(s.p, s.result); },
    bind: bindOutputs,
  },

  curve: {
    prepare(s) {
      s.result = zeros(width(s.out));
      s.at = gridArray(s.grid);
      s.series = Object.fromEntries(s.out.map(([name]) =>
        [name, { at: s.at, values: zeros(s.grid.n), size: 1, count: s.grid.n, timed: false }]));
    },
    run(s) {
      s.at.forEach((value, i) => {
        s.p[s.slot] = value;
        s.fn(s.p, s.result);
        s.out.forEach(([name], j) => { s.series[name].values[i] = s.result[j]; });
      });
    },
    bind(s, names, time) { for (const [name] of s.out) bindSeries(names, name, s.series[name], time); },
  },

  loop: {
    prepare(s) {
      s.width = width(s.record);
      s.rows = zeros((s.steps + 1) * s.width);
      const at = Float64Array.from({ length: lengthOf(s.steps + 1) }, (_, k) => k);
      s.series = Object.fromEntries(s.record.map(([name, size]) =>
        [name, { at, values: zeros((s.steps + 1) * size), size, count: 0, timed: true }]));
    },
    run(s) {
      const diverged = s.fn(s.p, s.steps, s.rows);
      for (const name in s.series) s.series[name].count = diverged < 0 ? s.steps + 1 : diverged;
    },
    bind: bindRecord,
  },

  field: {
    prepare(s) {
      s.result = zeros(1);
      s.field = { x: gridArray(s.x), y: gridArray(s.y), values: zeros(s.x.n * s.y.n), version: 0 };
      if (s.x.n * s.y.n * (s.loop?.steps ?? 1) > MOST_UPDATES) throw new Error("its map is too large");
      if (s.loop) { s.rows = zeros((s.loop.steps + 1) * s.loop.width); s.q = zeros(s.loop.ask.length); }
    },
    run(s) {
      const { x, y, values } = s.field;
      let cell = 0;
      for (const v of y) {
        s.p[s.slots[1]] = v;
        for (const u of x) {
          s.p[s.slots[0]] = u;
          values[cell++] = s.loop ? summary(s) : (s.fn(s.p, s.result), s.result[0]);
        }
      }
      s.field.version++;
    },
    bind(s, names) { names.set(s.out, s.field); },
  },

  process: {
    prepare(s) {
      s.machine = s.fn();
      s.width = s.out.reduce((sum, { size }) => sum + size, 0);
      s.rows = new Float64Array((s.steps + 1) * s.width);
      s.times = Float64Array.from({ length: s.steps + 1 }, (_, r) => r * s.every);
      s.version = 0;
      s.record = s.out.filter((o) => !o.x && !o.rows).map((o) => [o.name, o.size]);
      s.series = Object.fromEntries(s.record.map(([name, size]) =>
        [name, { at: s.times, values: new Float64Array((s.steps + 1) * size), size, count: 0, timed: true }]));
    },
    run(s) {
      s.machine.start(s.p);
      s.k = s.seen = 0;
      s.ended = false;
    },
    /** Go on until the clock says stop; say whether there is more to do. */
    advance(s, until) {
      while (!s.ended) {
        if (s.k === s.seen * s.every) observe(s);
        if (s.seen > s.steps) return false;
        if (Date.now() >= until) return true;
        s.machine.step(s.k++);
      }
      return false;
    },
    bind(s, names, time) {
      for (const name in s.series) s.series[name].count = s.seen;
      bindRecord(s, names, time);
      const shown = Math.min(rowAt({ at: s.times, timed: true }, time), Math.max(s.seen - 1, 0));
      let at = shown * s.width;
      for (const { name, size, x, y, rows } of s.out) {
        const values = s.rows.subarray(at, at + size);
        if (x) names.set(name, { x: gridArray(x), y: gridArray(y), values, version: s.version++ });
        if (rows) bindSeries(names, name, { at: Float64Array.from({ length: rows }, (_, i) => i), values, size: size / rows, count: rows, timed: false }, time);
        at += size;
      }
    },
  },

  table: {
    prepare(s, data) { s.data = data; },
    run(s) {
      s.version = (s.version || 0) + 1;
      const places = s.axes.map(([, values], i) => nearest(values, s.p[i]));
      s.used = places.map((place, i) => s.axes[i][1][place]);
      s.computed = s.answer?.key === String(s.p);
      if (s.computed) { s.decoded = s.answer.parts; return; }
      const row = places.reduce((sum, place, i) => sum * s.axes[i][1].length + place, 0);
      const sizes = s.axes.map(([, values]) => values.length);
      s.decoded = s.arrays.map((array) => {
        const { shape, values } = s.data(array.name), count = partSize(array);
        if (String(shape.slice(0, sizes.length)) !== String(sizes) || product(shape.slice(sizes.length)) !== count)
          throw new Error(`“${array.name}” does not have the shape that its figure needs`);
        return values.subarray(row * count, (row + 1) * count);
      });
    },
    bind(s, names, time) {
      s.arrays.forEach((array, i) => {
        const values = s.decoded[i];
        if (array.kind === "number") names.set(array.name, values[0]);
        else if (array.kind === "field")
          names.set(array.name, { x: gridArray(array.x), y: gridArray(array.y), values, version: s.version });
        else
          bindSeries(names, array.name, { at: gridArray(array.at), values, size: array.size || 1, count: seriesCount(array, values), timed: array.timed }, time);
      });
    },
  },
};

const partSize = ({ kind, at, x, y, size = 1 }) => (kind === "number" ? 1 : kind === "field" ? x.n * y.n : at.n * size);

/** A timed series ends where its first number is missing. */
function seriesCount(array, values) {
  const end = array.timed ? values.findIndex((v) => !Number.isFinite(v)) : -1;
  return Math.floor((end < 0 ? values.length : end) / (array.size || 1));
}

/** Run a loop for one cell of a field and reduce it by the traced summary. */
function summary(s) {
  const { steps, width: w, ask } = s.loop;
  const diverged = s.loop.fn(s.p, steps, s.rows);
  const last = Math.max(diverged < 0 ? steps : diverged - 1, 0);
  ask.forEach(([place, offset], i) => { s.q[i] = place === "steps" ? last : s.rows[(place === "last" ? last * w : 0) + offset]; });
  s.fn(s.q, s.result);
  return s.result[0];
}

function nearest(values, wanted) {
  let best = 0;
  values.forEach((v, i) => { if (Math.abs(v - wanted) < Math.abs(values[best] - wanted)) best = i; });
  return best;
}

/** Return the names, and update(values, time, slice), which recomputes what depends on what changed:
 *  for at most `slice` milliseconds, after which it says whether there is more to do. */
function createEngine(spec, view, traced) {
  const data = openData(view, spec.data);
  const names = new Map();
  const signals = spec.signals.map((given) => {
    const s = { ...given, p: zeros(given.size), fn: traced[given.fn] };
    if (!Object.hasOwn(SIGNALS, s.kind)) throw new Error(`${s.kind} is no kind of signal`);
    if (given.fn && !s.fn) throw new Error(`the function ${given.fn} is missing`);
    if (given.loop) s.loop = { ...given.loop, fn: traced[given.loop.fn] };
    SIGNALS[s.kind].prepare(s, data);
    return s;
  });
  function update(values, time, slice = Infinity) {
    const until = Date.now() + slice;
    let more = false;
    for (const name in values) names.set(name, values[name]);
    for (const s of signals) {
      if (gather(s, names)) SIGNALS[s.kind].run(s);
      if (SIGNALS[s.kind].advance) more = SIGNALS[s.kind].advance(s, until) || more;
      SIGNALS[s.kind].bind(s, names, time);
    }
    return more;
  }
  /** The tables whose settings lie between those that were shipped. */
  const between = () => signals.flatMap((s, index) => {
    const wanted = s.kind === "table" ? Array.from(s.p) : [];
    return wanted.some((v, i) => v !== s.used[i]) ? [{ index, axes: s.axes.map(([name]) => name), wanted, used: s.used, computed: s.computed }] : [];
  });
  /** Take the numbers of one table at one setting, computed elsewhere; the next update shows them. */
  function accept(index, wanted, buffers) {
    const s = signals[index];
    const parts = s.arrays.map((array, i) => {
      const bytes = bytesOf(buffers[i]), count = partSize(array);
      if (bytes.length !== 8 * count) throw new Error(`the kernel sent ${bytes.length} bytes for “${array.name}”, not ${8 * count}`);
      return readFloats(bytes, "float64", count);
    });
    s.answer = { key: String(wanted), parts };
    s.done = false;
  }
  return { names, update, between, accept };
}

/** Return a number given as such or by name. */
const numberOf = (names, source) => (typeof source === "string" ? names.get(source) : source);
