// Panels: marks over two axes on a canvas. A mark draws itself from the names of the engine.

const SUPERSCRIPT = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const superscript = (n) => String(n).replace(/[-\d]/g, (c) => SUPERSCRIPT[c]);

/** Write a number; the rules are those of descent/explore/numbers.py. */
function numberText(value, digits = 4, trim = false) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  const [mantissa, exponent] = Math.abs(value).toExponential(digits - 1).split("e");
  const sign = value < 0 ? "−" : "", power = Number(exponent);
  const cut = (s) => (trim && s.includes(".") ? s.replace(/\.?0+$/, "") : s);
  const group = (s) => (Math.abs(value) >= 1e4 ? s.replace(/\d(?=(\d{3})+(\.|$))/g, "$&,") : s);
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6)) return `${sign}${cut(mantissa)} × 10${superscript(power)}`;
  return sign + group(cut(Math.abs(value).toFixed(Math.max(0, digits - 1 - power))));
}

const TICK_FONT = "12px ", LABEL_FONT = "13px ", MARGIN = { top: 10, right: 14, bottom: 44, left: 44 }, BAR = 76;

/** Ends of an axis: those given, or those that hold all finite values with some air. */
function fitDomain(axis, values) {
  const usable = values.filter((v) => Number.isFinite(v) && (!axis.log || v > 0));
  let low = axis.low ?? Math.min(...usable), high = axis.high ?? Math.max(...usable);
  if (!usable.length && !(axis.low != null && axis.high != null)) [low, high] = axis.log ? [0.1, 10] : [0, 1];
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
  return Object.assign(scale, { low, high, log: axis.log, span: Math.abs(to - from) });
}

/** Ticks with labels; few enough that labels cannot touch. */
function axisTicks(scale, spacing) {
  const room = Math.max(2, Math.floor(scale.span / spacing));
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
  for (let p = first; p <= last; p++) found.push({ v: 10 ** p, text: (p - first) % stride ? "" : write(10 ** p, p) });
  return found;
}

const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** Color at t in [0, 1] along evenly spaced stops. */
function blend(stops, t) {
  const place = Math.min(Math.max(t, 0), 1) * (stops.length - 1), i = Math.min(Math.floor(place), stops.length - 2);
  const a = channels(stops[i]), b = channels(stops[i + 1]);
  return a.map((v, j) => Math.round(v + (b[j] - v) * (place - i)));
}

const rgb = (c) => `rgb(${c[0]},${c[1]},${c[2]})`;

function markerPath(ctx, shape, x, y, r) {
  ctx.beginPath();
  if (shape === "circle") ctx.arc(x, y, r, 0, 7);
  else if (shape === "square") ctx.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
  else {
    const turn = { triangle: [-90, 30, 150], diamond: [-90, 0, 90, 180] }[shape];
    turn.forEach((deg, i) => ctx[i ? "lineTo" : "moveTo"](x + 1.25 * r * Math.cos((deg * Math.PI) / 180), y + 1.25 * r * Math.sin((deg * Math.PI) / 180)));
    ctx.closePath();
  }
}

function drawMarker(p, shape, x, y, r, color) {
  const { ctx, theme } = p;
  if (!Number.isFinite(x) || !Number.isFinite(y)) return;
  ctx.setLineDash([]);
  if (shape === "cross") {
    ctx.beginPath();
    ctx.moveTo(x - r, y - r); ctx.lineTo(x + r, y + r); ctx.moveTo(x - r, y + r); ctx.lineTo(x + r, y - r);
    for (const [w, c] of [[5, theme.ground], [2.2, color]]) { ctx.lineWidth = w; ctx.strokeStyle = c; ctx.stroke(); }
    return;
  }
  markerPath(ctx, shape, x, y, r);
  ctx.fillStyle = color; ctx.fill();
  ctx.lineWidth = 1.2; ctx.strokeStyle = theme.ground; ctx.stroke();
}

/** Stroke rows from..to of two columns; gaps where a number is missing. */
function strokeRows(p, xs, ys, from, to, stride = 1, offset = 0) {
  const { ctx, sx, sy } = p;
  let pen = false;
  ctx.beginPath();
  for (let i = from; i <= to; i++) {
    // Far outside the panel a canvas loses precision; the clip hides the difference.
    const x = clamp(sx(xs[i * stride])), y = clamp(sy(ys[i * stride + offset]));
    if (!Number.isFinite(x) || !Number.isFinite(y)) { pen = false; continue; }
    ctx[pen ? "lineTo" : "moveTo"](x, y);
    pen = true;
  }
  ctx.stroke();
}

const clamp = (v) => (v > 1e5 ? 1e5 : v < -1e5 ? -1e5 : v);

/** Draw up to the step that is shown in full strength and the rest faintly. */
function inTime(p, series, draw) {
  const end = series.at.length - 1, now = rowAt(series, p.time);
  if (now < end) { p.ctx.globalAlpha = 0.25; draw(now, end); p.ctx.globalAlpha = 1; }
  draw(0, now);
  return now;
}

function fillContours(ctx, p, m, field) {
  const { x, y, values } = field, { sx, sy, theme } = p;
  let low = Infinity, high = -Infinity;
  for (const v of values) if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
  if (!(low < high)) return;
  const levels = Array.from({ length: m.levels - 1 }, (_, i) => low + (high - low) * ((i + 1) / m.levels) ** m.power);
  const place = (grid, scale) => { const a = scale(grid[0]), b = scale(grid[grid.length - 1]); return (g) => a + ((g - 0.5) / (grid.length - 1)) * (b - a); };
  const px = place(x, sx), py = place(y, sy), stops = [theme.low, theme.high];
  ctx.fillStyle = theme.low;
  ctx.fillRect(p.box.x, p.box.y, p.box.w, p.box.h);
  ctx.lineWidth = 0.7;
  d3.contours().size([x.length, y.length]).thresholds(levels)(values).forEach(({ coordinates }, i) => {
    ctx.beginPath();
    for (const polygon of coordinates) for (const ring of polygon) { ring.forEach(([u, v], j) => ctx[j ? "lineTo" : "moveTo"](px(u), py(v))); ctx.closePath(); }
    ctx.fillStyle = rgb(blend(stops, (i + 1) / (levels.length)));
    ctx.fill("evenodd");
    ctx.globalAlpha = 0.4; ctx.strokeStyle = theme.muted; ctx.stroke(); ctx.globalAlpha = 1;
  });
}

function fillHeat(ctx, p, m, field) {
  const { x, y, values } = field, { sx, sy, theme } = p;
  const image = new ImageData(x.length, y.length), stops = theme[m.ramp], missing = channels(theme.muted);
  const table = Array.from({ length: 256 }, (_, i) => blend(stops, i / 255));
  for (let row = 0; row < y.length; row++) for (let col = 0; col < x.length; col++) {
    const v = values[row * x.length + col], t = Math.round((255 * (v - m.low)) / (m.high - m.low));
    const color = Number.isNaN(v) ? missing : table[Math.min(Math.max(t, 0), 255)];
    image.data.set([...color, 255], ((y.length - 1 - row) * x.length + col) * 4);
  }
  const cells = document.createElement("canvas");
  cells.width = x.length; cells.height = y.length;
  cells.getContext("2d").putImageData(image, 0, 0);
  ctx.imageSmoothingEnabled = false;
  const [left, right] = [sx(x[0]), sx(x[x.length - 1])], [bottom, top] = [sy(y[0]), sy(y[y.length - 1])];
  const dx = (right - left) / (x.length - 1) / 2, dy = (bottom - top) / (y.length - 1) / 2;
  ctx.drawImage(cells, left - dx, top - dy, right - left + 2 * dx, bottom - top + 2 * dy);
}

const BACKDROPS = { contours: fillContours, heat: fillHeat };

const MARKS = {
  line(p, m) {
    const s = p.names.get(m.y), [xs, ys] = m.transpose ? [s.values, s.at] : [s.at, s.values];
    p.stroke(m.color, m.dash, 2);
    const now = inTime(p, s, (a, b) => strokeRows(p, xs, ys, a, b));
    if (s.timed && now < s.count - 1) drawMarker(p, "circle", p.sx(xs[now]), p.sy(ys[now]), 4.5, p.theme["c" + m.color]);
  },
  band(p, m) {
    const a = p.names.get(m.low), b = p.names.get(m.high), { ctx, sx, sy } = p;
    ctx.beginPath();
    a.at.forEach((x, i) => ctx[i ? "lineTo" : "moveTo"](sx(x), clamp(sy(a.values[i]))));
    for (let i = b.at.length - 1; i >= 0; i--) ctx.lineTo(sx(b.at[i]), clamp(sy(b.values[i])));
    ctx.globalAlpha = 0.18; ctx.fillStyle = p.theme["c" + m.color]; ctx.fill(); ctx.globalAlpha = 1;
  },
  path(p, m) {
    const s = p.names.get(m.xy), v = s.values, color = p.theme["c" + m.color];
    p.stroke(m.color, m.dash, 1.8);
    const now = inTime(p, s, (a, b) => strokeRows(p, v, v, a, b, 2, 1)), shape = p.look.markers[m.marker];
    for (let k = 1, x = 1e9, y = 1e9; k < now; k++) {
      const u = p.sx(v[2 * k]), w = p.sy(v[2 * k + 1]);
      if (Math.hypot(u - x, w - y) < 4) continue; // Crowded markers would hide the line.
      drawMarker(p, shape, u, w, 2.6, color);
      [x, y] = [u, w];
    }
    drawMarker(p, shape, p.sx(v[2 * now]), p.sy(v[2 * now + 1]), 5, color);
  },
  bars(p, m) {
    const s = p.names.get(m.y), half = (Math.abs(p.sx(s.at[1]) - p.sx(s.at[0])) / 2) * 0.92, zero = p.sy(Math.max(0, p.sy.low));
    p.ctx.fillStyle = p.theme["c" + m.color]; p.ctx.globalAlpha = 0.75;
    s.at.forEach((x, i) => { const y = p.sy(s.values[i]); p.ctx.fillRect(p.sx(x) - half, Math.min(y, zero), 2 * half, Math.abs(zero - y)); });
    p.ctx.globalAlpha = 1;
  },
  rule(p, m) {
    const { ctx, box } = p, upright = m.x !== undefined, at = upright ? p.sx(numberOf(p.names, m.x)) : p.sy(numberOf(p.names, m.y));
    if (!(upright ? at >= box.x - 1 && at <= box.x + box.w + 1 : at >= box.y - 1 && at <= box.y + box.h + 1)) return;
    p.stroke(m.color, 1, 1.5);
    ctx.beginPath();
    upright ? (ctx.moveTo(at, box.y), ctx.lineTo(at, box.y + box.h)) : (ctx.moveTo(box.x, at), ctx.lineTo(box.x + box.w, at));
    ctx.stroke();
    if (!m.label || m.legend) return;
    ctx.font = p.font(TICK_FONT);
    const w = ctx.measureText(m.label).width, row = upright ? p.rules++ : 0;
    const right = upright && at + w + 8 > box.x + box.w;
    const x = upright ? at + (right ? -5 : 5) : box.x + box.w - 5, below = at < box.y + 18;
    const y = upright ? box.y + 13 + 16 * row : at + (below ? 14 : -5);
    p.labels.push([m.label, x, y, p.theme["c" + m.color], upright && !right ? "left" : "right"]);
  },
};

/** A marker whose center lies on the panel is drawn whole, across the frame if need be. */
function inside(p, shape, x, y, r, color) {
  const u = p.sx(x), v = p.sy(y), { box } = p;
  if (u >= box.x - 1 && u <= box.x + box.w + 1 && v >= box.y - 1 && v <= box.y + box.h + 1) drawMarker(p, shape, u, v, r, color);
}

const MARKERS = {
  cloud(p, m) {
    const s = p.names.get(m.of), shape = p.look.markers[m.marker], color = p.theme["c" + m.color];
    s.at.forEach((x, i) => (s.size > 1 ? inside(p, shape, s.values[2 * i], s.values[2 * i + 1], 4, color) : inside(p, shape, x, s.values[i], 4, color)));
  },
  points(p, m) { for (const [x, y] of m.at) inside(p, p.look.markers[m.marker], x, y, 5.5, p.theme["c" + m.color]); },
  dot(p, m) { inside(p, p.look.markers[m.marker], numberOf(p.names, m.x), numberOf(p.names, m.y), 6, p.theme["c" + m.color]); },
};

/** Numbers that a fitted axis must hold. */
function extentOf(panel, names, which) {
  const found = [];
  for (const m of panel.marks) {
    const s = m.y !== undefined && typeof m.y === "string" ? names.get(m.y) : null;
    if (m.kind === "line") found.push(...((which === "x") !== !!m.transpose ? s.at : s.values));
    if (m.kind === "bars") found.push(...(which === "x" ? s.at : [...s.values, 0]));
    if (m.kind === "band") for (const name of [m.low, m.high]) found.push(...names.get(name)[which === "x" ? "at" : "values"]);
    if (m.kind === "cloud" && names.get(m.of).size === 1) found.push(...names.get(m.of)[which === "x" ? "at" : "values"]);
    if (m.kind === "path" || (m.kind === "cloud" && names.get(m.of).size > 1)) names.get(m.xy || m.of).values.forEach((v, i) => { if (i % 2 === (which === "x" ? 0 : 1)) found.push(v); });
    if (m.kind === "dot" || (m.kind === "rule" && m[which] !== undefined)) found.push(numberOf(names, m[which]));
  }
  return found;
}

class Panel {
  constructor(canvas, spec, look) {
    Object.assign(this, { canvas, spec, look, ctx: canvas.getContext("2d"), backdrop: document.createElement("canvas"), stamp: "" });
    this.bar = spec.marks.find((m) => m.kind === "heat");
  }

  font(size) { return size + this.family; }

  stroke(color, dash, lineWidth) {
    Object.assign(this.ctx, { strokeStyle: this.theme["c" + color], lineWidth, lineJoin: "round" });
    this.ctx.setLineDash(this.look.dashes[dash]);
  }

  halo(text, x, y, color, align) {
    const { ctx } = this;
    ctx.setLineDash([]);
    ctx.font = this.font(TICK_FONT); ctx.textAlign = align;
    ctx.lineWidth = 4; ctx.strokeStyle = this.theme.ground; ctx.lineJoin = "round"; ctx.strokeText(text, x, y);
    ctx.fillStyle = color; ctx.fillText(text, x, y);
  }

  /** Match the canvas to its box; return whether it can be seen. */
  measure() {
    const w = this.canvas.clientWidth, ratio = window.devicePixelRatio || 1;
    if (!w) return false;
    if (w !== this.w || ratio !== this.dpr) {
      Object.assign(this, { w, dpr: ratio, h: Math.round(w * this.spec.ratio) });
      for (const c of [this.canvas, this.backdrop]) { c.width = Math.round(w * ratio); c.height = Math.round(this.h * ratio); }
      this.canvas.style.aspectRatio = `${w} / ${this.h}`;
      this.stamp = "";
    }
    return true;
  }

  draw(names, time, theme, family) {
    if (!this.measure()) return;
    Object.assign(this, { names, time, theme, family, rules: 0, labels: [] });
    const { ctx, spec, dpr } = this;
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    ctx.clearRect(0, 0, this.w, this.h);
    this.layout();
    this.drawBackdrop();
    this.drawAxes();
    ctx.save();
    ctx.beginPath(); ctx.rect(this.box.x, this.box.y, this.box.w, this.box.h); ctx.clip();
    for (const m of spec.marks) if (MARKS[m.kind]) MARKS[m.kind](this, m);
    ctx.restore();
    for (const m of spec.marks) if (MARKERS[m.kind]) MARKERS[m.kind](this, m);
    for (const label of this.labels) this.halo(...label);
  }

  layout() {
    const { ctx, spec, names } = this, bottom = this.h - MARGIN.bottom;
    let right = this.w - (this.bar ? BAR : MARGIN.right);
    const xs = fitDomain(spec.x, extentOf(spec, names, "x")), ys = fitDomain(spec.y, extentOf(spec, names, "y"));
    this.sy = makeScale(spec.y, ys, bottom, MARGIN.top);
    ctx.font = this.font(TICK_FONT);
    this.yticks = axisTicks(this.sy, 40);
    const left = Math.max(MARGIN.left, 30 + Math.max(...this.yticks.map((t) => ctx.measureText(t.text).width)));
    this.sx = makeScale(spec.x, xs, left, right);
    this.xticks = axisTicks(this.sx, 62);
    const last = this.xticks[this.xticks.length - 1]; // Its label must not leave the canvas.
    const over = last ? this.sx(last.v) + ctx.measureText(last.text).width / 2 + 2 - this.w : 0;
    if (over > 0) right -= over;
    this.sx = makeScale(spec.x, xs, left, right);
    this.box = { x: left, y: MARGIN.top, w: right - left, h: bottom - MARGIN.top };
  }

  /** Contours and heat maps are drawn once per field, size and theme. */
  drawBackdrop() {
    const fields = this.spec.marks.filter((m) => BACKDROPS[m.kind]);
    if (!fields.length) return;
    const { x, y, w, h } = this.box, { dpr } = this;
    const stamp = [...fields.map((m) => this.names.get(m.field).version), this.theme.ground, x, y, w, h, this.sx.low, this.sx.high, this.sy.low, this.sy.high].join();
    if (stamp !== this.stamp) {
      const ctx = this.backdrop.getContext("2d");
      ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
      ctx.clearRect(0, 0, this.w, this.h);
      ctx.save();
      ctx.beginPath(); ctx.rect(x, y, w, h); ctx.clip();
      for (const m of fields) BACKDROPS[m.kind](ctx, this, m, this.names.get(m.field));
      ctx.restore();
      this.stamp = stamp;
    }
    this.ctx.drawImage(this.backdrop, 0, 0, this.w, this.h);
  }

  drawAxes() {
    const { ctx, box, theme, spec } = this, filled = spec.marks.some((m) => BACKDROPS[m.kind]);
    ctx.setLineDash([]); ctx.lineWidth = 1; ctx.font = this.font(TICK_FONT); ctx.textBaseline = "alphabetic";
    const tick = (x1, y1, x2, y2) => { ctx.beginPath(); ctx.moveTo(x1, y1); ctx.lineTo(x2, y2); ctx.stroke(); };
    for (const { v, text } of this.xticks) {
      const x = Math.round(this.sx(v)) + 0.5;
      ctx.strokeStyle = theme.grid; if (!filled) tick(x, box.y, x, box.y + box.h);
      ctx.strokeStyle = theme.muted; tick(x, box.y + box.h, x, box.y + box.h + 4);
      ctx.fillStyle = theme.muted; ctx.textAlign = "center"; ctx.fillText(text, x, box.y + box.h + 17);
    }
    for (const { v, text } of this.yticks) {
      const y = Math.round(this.sy(v)) + 0.5;
      ctx.strokeStyle = theme.grid; if (!filled) tick(box.x, y, box.x + box.w, y);
      ctx.strokeStyle = theme.muted; tick(box.x - 4, y, box.x, y);
      ctx.fillStyle = theme.muted; ctx.textAlign = "right"; ctx.fillText(text, box.x - 7, y + 4);
    }
    ctx.strokeStyle = theme.muted;
    tick(box.x, box.y, box.x, box.y + box.h); tick(box.x, box.y + box.h, box.x + box.w, box.y + box.h);
    ctx.font = this.font(LABEL_FONT); ctx.fillStyle = theme.ink; ctx.textAlign = "center";
    ctx.fillText(spec.x.label, box.x + box.w / 2, this.h - 7);
    this.turned(spec.y.label, 13, box.y + box.h / 2);
    if (this.bar) this.drawBar(box);
  }

  turned(text, x, y) {
    const { ctx } = this;
    ctx.save(); ctx.translate(x, y); ctx.rotate(-Math.PI / 2); ctx.textAlign = "center"; ctx.fillText(text, 0, 0); ctx.restore();
  }

  drawBar(box) {
    const { ctx, bar, theme, w } = this, x = box.x + box.w + 10;
    const fill = ctx.createLinearGradient(0, box.y + box.h, 0, box.y), stops = theme[bar.ramp];
    stops.forEach((color, i) => fill.addColorStop(i / (stops.length - 1), color));
    ctx.fillStyle = fill; ctx.fillRect(x, box.y, 10, box.h);
    ctx.strokeStyle = theme.muted; ctx.strokeRect(x + 0.5, box.y + 0.5, 9, box.h - 1);
    const scale = makeScale({ log: false }, [bar.low, bar.high], box.y + box.h, box.y);
    ctx.font = this.font(TICK_FONT); ctx.textAlign = "left"; ctx.fillStyle = theme.muted;
    for (const { v, text } of axisTicks(scale, 44)) ctx.fillText(text, x + 14, Math.min(Math.max(scale(v) + 4, box.y + 9), box.y + box.h));
    ctx.font = this.font(LABEL_FONT); ctx.fillStyle = theme.ink;
    this.turned(bar.label, w - 4, box.y + box.h / 2);
  }
}
