// Fields: filled contours, colored cells, and lines of equal value.

const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** Color at t in [0, 1] along evenly spaced stops. */
function blend(stops, t) {
  const place = Math.min(Math.max(t, 0), 1) * (stops.length - 1), i = Math.min(Math.floor(place), stops.length - 2);
  const a = channels(stops[i]), b = channels(stops[i + 1]);
  return a.map((v, j) => Math.round(v + (b[j] - v) * (place - i)));
}

const rgb = (c) => `rgb(${c[0]},${c[1]},${c[2]})`;

function rangeOf(values, log) {
  let low = Infinity, high = -Infinity;
  for (const v of values) if (Number.isFinite(v) && !(log && v <= 0)) { if (v < low) low = v; if (v > high) high = v; }
  return [low, high];
}

/** First and last color of a heat map: those given, or those of what is shown. */
function heatRange(m, field) {
  let [low, high] = rangeOf(field.values, m.log);
  if (low > high) [low, high] = [0.1, 1];
  return [m.low ?? low, m.high ?? high];
}

/** Turn grid coordinates, as contours have them, into places on the canvas. */
function gridPlace(grid, scale) {
  const a = scale(grid[0]), b = scale(grid[grid.length - 1]);
  return (g) => a + ((g - 0.5) / (grid.length - 1)) * (b - a);
}

function fillContours(ctx, p, m, field) {
  const { x, y, values } = field, { theme } = p, [low, high] = rangeOf(values, false);
  if (!(low < high)) return;
  const levels = Array.from({ length: m.levels - 1 }, (_, i) => low + (high - low) * ((i + 1) / m.levels) ** m.power);
  const px = gridPlace(x, p.sx), py = gridPlace(y, p.sy), stops = [theme.low, theme.high];
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

/** Edges of the cells around places on the canvas. */
function cellEdges(grid, scale) {
  const at = Array.from(grid, scale), n = at.length;
  if (n === 1) return [scale(grid[0] - 0.5), scale(grid[0] + 0.5)];
  const middle = at.slice(1).map((v, i) => (v + at[i]) / 2);
  return [at[0] - (at[1] - at[0]) / 2, ...middle, at[n - 1] + (at[n - 1] - at[n - 2]) / 2];
}

function fillHeat(ctx, p, m, field) {
  const { x, y, values } = field, image = new ImageData(x.length, y.length), stops = p.theme[m.ramp], missing = channels(p.theme.muted);
  const table = Array.from({ length: 256 }, (_, i) => blend(stops, i / 255)), unit = makeScale({ log: m.log }, heatRange(m, field), 0, 255);
  const across = cellEdges(x, p.sx), up = cellEdges(y, p.sy), flipped = up[0] < up[1];
  const color = (v) => (Number.isNaN(v) ? missing : table[Math.round(Math.min(Math.max(m.log && v <= 0 ? 0 : unit(v), 0), 255))]);
  for (let row = 0; row < y.length; row++) for (let col = 0; col < x.length; col++)
    image.data.set([...color(values[row * x.length + col]), 255], ((flipped ? row : y.length - 1 - row) * x.length + col) * 4);
  const cells = document.createElement("canvas");
  cells.width = x.length; cells.height = y.length;
  cells.getContext("2d").putImageData(image, 0, 0);
  ctx.imageSmoothingEnabled = false;
  const top = Math.min(up[0], up[up.length - 1]), height = Math.abs(up[up.length - 1] - up[0]), snap = (v) => Math.round(v * p.dpr) / p.dpr;
  for (let col = 0; col < x.length; col++) { // Columns may differ in width.
    const left = snap(across[col]);
    ctx.drawImage(cells, col, 0, 1, y.length, left, top, snap(across[col + 1]) - left, height);
  }
  if (m.digits) writeCells(ctx, p, m, field, { across, up, color });
}

/** Write the value of each cell, where it fits. */
function writeCells(ctx, p, m, { x, y, values }, { across, up, color }) {
  ctx.font = p.font(TICK_FONT); ctx.textAlign = "center"; ctx.textBaseline = "middle";
  for (let row = 0; row < y.length; row++) for (let col = 0; col < x.length; col++) {
    const v = values[row * x.length + col], text = numberText(v, m.digits);
    if (!Number.isFinite(v) || ctx.measureText(text).width + 4 > Math.abs(across[col + 1] - across[col]) || Math.abs(up[row + 1] - up[row]) < 15) continue;
    ctx.fillStyle = color(v).reduce((a, b) => a + b) > 382 ? "#000" : "#fff";
    ctx.fillText(text, (across[col] + across[col + 1]) / 2, (up[row] + up[row + 1]) / 2);
  }
}

/** Split closed rings where they run along the rim of the grid, which is no line of equal value. */
function openRings(coordinates, nx, ny) {
  const rim = ([u, v]) => u === 0 || v === 0 || u === nx || v === ny, runs = [];
  for (const ring of coordinates.flat()) {
    const start = ring.findIndex(rim), turned = start < 0 ? ring : [...ring.slice(start, -1), ...ring.slice(0, start + 1)];
    let run = [];
    for (const point of turned) if (rim(point)) { if (run.length > 1) runs.push(run); run = []; } else run.push(point);
    if (run.length > 1) runs.push(run);
  }
  return runs;
}

function drawIso(ctx, p, m, field) {
  const { x, y, values } = field, px = gridPlace(x, p.sx), py = gridPlace(y, p.sy), { box, theme } = p;
  Object.assign(ctx, { strokeStyle: theme["c" + m.color], lineWidth: 2, lineJoin: "round" });
  ctx.setLineDash(p.look.dashes[m.dash]);
  for (const { coordinates, value } of d3.contours().size([x.length, y.length]).thresholds(m.at)(values)) {
    let longest = [];
    for (const run of openRings(coordinates, x.length, y.length)) {
      const places = run.map(([u, v]) => [px(u), py(v)]);
      ctx.beginPath();
      places.forEach((place, i) => ctx[i ? "lineTo" : "moveTo"](...place));
      ctx.stroke();
      if (places.length > longest.length) longest = places;
    }
    if (longest.length < 6) continue;
    const text = m.at.length === 1 && m.label ? m.label : numberText(value, 3, true), [u, v] = longest[longest.length >> 1];
    const right = u > box.x + 0.6 * box.w;
    p.isoLabels.push([text, u + (right ? -5 : 5), Math.max(v - 4, box.y + 13), theme["c" + m.color], right ? "right" : "left"]);
  }
  ctx.setLineDash([]);
}

const BACKDROPS = { contours: fillContours, heat: fillHeat, iso: drawIso };
