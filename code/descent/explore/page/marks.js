// Marks: each draws itself on a panel from the names of the engine.

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
  if (p.ghost) { ctx.lineWidth = 1.5; ctx.strokeStyle = color; ctx.stroke(); return; }
  ctx.fillStyle = color; ctx.fill();
  ctx.lineWidth = 1.2; ctx.strokeStyle = theme.ground; ctx.stroke();
}

/** The part from..to of the way between two points that is near a box, or null. */
function partNear({ x, y, w, h }, x0, y0, x1, y1) {
  let from = 0, to = 1;
  for (const [at, way, low, high] of [[x0, x1 - x0, x - NEAR, x + w + NEAR], [y0, y1 - y0, y - NEAR, y + h + NEAR]]) {
    if (way === 0) { if (at < low || at > high) return null; continue; }
    const first = (low - at) / way, last = (high - at) / way;
    from = Math.max(from, Math.min(first, last));
    to = Math.min(to, Math.max(first, last));
  }
  return from <= to ? [from, to] : null;
}

/** Stroke rows from..to of two columns; gaps where a number is missing. */
function strokeRows(p, xs, ys, from, to, stride = 1, offset = 0) {
  const { ctx, sx, sy, box } = p;
  const isNear = (x, y) => x > box.x - NEAR && x < box.x + box.w + NEAR && y > box.y - NEAR && y < box.y + box.h + NEAR;
  let x0 = NaN, y0 = NaN, near = false;
  ctx.beginPath();
  for (let i = from; i <= to; i++) {
    // Far outside the panel a canvas loses precision, and dashes that run there take seconds.
    const x = clamp(sx(xs[i * stride])), y = clamp(sy(ys[i * stride + offset])), known = Number.isFinite(x) && Number.isFinite(y);
    const here = known && isNear(x, y);
    if (near && here && i < to && Math.abs(x - x0) < UNSEEN && Math.abs(y - y0) < UNSEEN) continue;
    if (near && here) ctx.lineTo(x, y);
    else if (!Number.isFinite(x0) || !known) { if (here) ctx.moveTo(x, y); }
    else {
      const part = partNear(box, x0, y0, x, y);
      if (part) {
        if (!near) ctx.moveTo(x0 + part[0] * (x - x0), y0 + part[0] * (y - y0));
        ctx.lineTo(x0 + part[1] * (x - x0), y0 + part[1] * (y - y0));
      }
      if (here && !part) ctx.moveTo(x, y);
    }
    [x0, y0, near] = known ? [x, y, here] : [NaN, NaN, false];
  }
  ctx.stroke();
}

const NEAR = 40, UNSEEN = 0.4; // Pixels: what is drawn around the panel, and a move too short to see.
const clamp = (v) => (v > 1e5 ? 1e5 : v < -1e5 ? -1e5 : v);

/** Draw up to the step that is shown in full strength and the rest faintly. */
function inTime(p, series, draw) {
  const end = series.at.length - 1, now = rowAt(series, p.time);
  if (now < end) { p.strength(0.25); draw(now, end); p.strength(1); }
  draw(0, now);
  return now;
}

/** Bars of one series are full; further series beside them are hatched, so that color is not all. */
function fillBar(p, m, place, [x, y, w, h]) {
  const { ctx } = p, color = p.theme["c" + m.color];
  ctx.setLineDash([]);
  p.strength(0.75); ctx.fillStyle = color;
  if (!place && !p.ghost) ctx.fillRect(x, y, w, h);
  p.strength(1);
  if (!place && !p.ghost) return;
  ctx.save();
  ctx.strokeStyle = color; ctx.lineWidth = 1.3; ctx.strokeRect(x, y, w, h);
  ctx.beginPath(); ctx.rect(x, y, w, h); ctx.clip(); ctx.beginPath();
  const step = place === 2 ? 4 : 6;
  if (!p.ghost) for (let d = -h; d < w; d += step) { ctx.moveTo(x + d, y + h); ctx.lineTo(x + d + h, y); }
  ctx.stroke();
  ctx.restore();
}

function barLabel(p, m, text, place, end, negative) {
  if (p.ghost) return;
  const { ink } = p.theme;
  if (m.transpose) p.labels.push([text, end + (negative ? -4 : 4), place + 4, ink, negative ? "right" : "left"]);
  else p.labels.push([text, place, end + (negative ? 14 : -5), ink, "center"]);
}

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
    p.strength(0.18); ctx.fillStyle = p.theme["c" + m.color]; ctx.fill(); p.strength(1);
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
    const [i, count] = m.place || [0, 1], columns = columnsOf(p.names, m), [at, values] = m.transpose ? columns.reverse() : columns;
    const [across, up] = m.transpose ? [p.sy, p.sx] : [p.sx, p.sy], half = (halfRoom(at) * 0.92) / count, zero = up(Math.max(0, up.low));
    at.forEach((place, k) => {
      const middle = place + (2 * i - count + 1) * half, a = across(middle - half), b = across(middle + half), end = clamp(up(values[k]));
      if (!Number.isFinite(end)) return;
      const side = [Math.min(a, b), Math.min(end, zero), Math.abs(b - a), Math.abs(end - zero)];
      fillBar(p, m, i, m.transpose ? [side[1], side[0], side[3], side[2]] : side);
      if (m.digits) barLabel(p, m, numberText(values[k], m.digits, true), (a + b) / 2, end, values[k] < 0);
    });
  },
  circle(p, m) {
    const [x, y, radius] = [m.x, m.y, m.radius].map((v) => numberOf(p.names, v)), { ctx, sx, sy } = p;
    p.stroke(m.color, m.dash, 1.8);
    ctx.beginPath();
    ctx.ellipse(sx(x), sy(y), Math.abs(sx(x + radius) - sx(x)), Math.abs(sy(y + radius) - sy(y)), 0, 0, 7);
    ctx.stroke();
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
    const [xs, ys] = columnsOf(p.names, m), shape = p.look.markers[m.marker], color = p.theme["c" + m.color];
    xs.forEach((x, i) => inside(p, shape, x, ys[i], xs.length > 60 ? 3 : 4, color));
  },
  points(p, m) { for (const [x, y] of m.at) inside(p, p.look.markers[m.marker], x, y, 5.5, p.theme["c" + m.color]); },
  dot(p, m) { inside(p, p.look.markers[m.marker], numberOf(p.names, m.x), numberOf(p.names, m.y), 6, p.theme["c" + m.color]); },
};
