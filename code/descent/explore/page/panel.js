// A panel: marks over two axes on a canvas.

const TICK_FONT = "12px ", LABEL_FONT = "13px ", MARGIN = { top: 10, right: 14, bottom: 44, left: 44 }, BAR = 76;

// Marks of a pinned setting that stay on the panel.
const GHOSTS = new Set(["line", "path", "band", "dot", "cloud", "bars", "circle"]);

class Panel {
  constructor(canvas, spec, look) {
    Object.assign(this, { canvas, spec, look, ctx: canvas.getContext("2d"), backdrop: document.createElement("canvas"), stamp: "", isoLabels: [] });
    this.show(spec.marks);
  }

  /** Choose the marks that are drawn. */
  show(marks) {
    this.marks = marks;
    this.fields = marks.filter((m) => BACKDROPS[m.kind]);
    this.bar = marks.find((m) => m.kind === "heat");
    this.stamp = "";
  }

  font(size) { return size + this.family; }

  stroke(color, dash, width) {
    Object.assign(this.ctx, { strokeStyle: this.theme["c" + color], lineWidth: this.ghost ? 1.2 : width, lineJoin: "round" });
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
    const w = this.canvas.clientWidth, ratio = window.devicePixelRatio;
    if (!w) return false;
    if (w !== this.w || ratio !== this.dpr) {
      Object.assign(this, { w, dpr: ratio, h: Math.round(w * this.spec.ratio) });
      for (const c of [this.canvas, this.backdrop]) { c.width = Math.round(w * ratio); c.height = Math.round(this.h * ratio); }
      this.canvas.style.aspectRatio = `${w} / ${this.h}`;
      this.stamp = "";
    }
    return true;
  }

  /** Draw at a time; `pinned` are the names of a setting that stays as a ghost. */
  draw(names, time, theme, family, pinned) {
    if ((!this.w || this.dpr !== window.devicePixelRatio) && !this.measure()) return;
    Object.assign(this, { names, time, theme, family, rules: 0, labels: [], weight: 1, ghost: false });
    const { ctx, dpr } = this;
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    ctx.clearRect(0, 0, this.w, this.h);
    this.layout(pinned ? [names, pinned] : [names]);
    this.drawBackdrop();
    this.drawAxes();
    if (pinned) this.drawGhost(pinned);
    this.drawMarks(this.marks);
    this.labels.push(...this.isoLabels);
    if (this.marks.length < this.spec.marks.length) this.labels.push(["hidden until you commit to a guess", this.box.x + this.box.w / 2, this.box.y + 18, theme.muted, "center"]);
    for (const label of this.labels) this.halo(...label);
  }

  drawMarks(marks) {
    const { ctx, box } = this;
    ctx.save();
    ctx.beginPath(); ctx.rect(box.x, box.y, box.w, box.h); ctx.clip();
    for (const m of marks) if (MARKS[m.kind]) MARKS[m.kind](this, m);
    ctx.restore();
    for (const m of marks) if (MARKERS[m.kind]) MARKERS[m.kind](this, m);
  }

  drawGhost(pinned) {
    const { names, time } = this;
    Object.assign(this, { names: pinned, time: Infinity, weight: 0.5, ghost: true });
    this.strength(1);
    this.drawMarks(this.marks.filter((m) => GHOSTS.has(m.kind)));
    Object.assign(this, { names, time, weight: 1, ghost: false });
    this.strength(1);
  }

  strength(alpha) { this.ctx.globalAlpha = alpha * this.weight; }

  layout(held) {
    const { ctx, spec, marks } = this, bottom = this.h - MARGIN.bottom;
    let right = this.w - (this.bar ? BAR : MARGIN.right);
    // What a guess hides still has its place on the horizontal axis.
    const xs = fitDomain(spec.x, "x", spec.marks, held), ys = fitDomain(spec.y, "y", marks, held);
    const ends = spec.y.names ? [MARGIN.top, bottom] : [bottom, MARGIN.top];
    this.sy = makeScale(spec.y, ys, ...ends);
    ctx.font = this.font(TICK_FONT);
    this.yticks = axisTicks(this.sy, spec.y.names ? 15 : 40);
    const wide = (ticks) => Math.max(0, ...ticks.map((t) => ctx.measureText(t.text).width));
    const left = Math.max(MARGIN.left, 30 + wide(this.yticks));
    this.sx = makeScale(spec.x, xs, left, right);
    this.xticks = axisTicks(this.sx, spec.x.names ? 8 + Math.max(...spec.x.names.map((t) => ctx.measureText(t).width)) : 62);
    const last = this.xticks[this.xticks.length - 1]; // Its label must not leave the canvas.
    const over = last ? this.sx(last.v) + ctx.measureText(last.text).width / 2 + 2 - this.w : 0;
    if (over > 0) right -= over;
    this.sx = makeScale(spec.x, xs, left, right);
    this.box = { x: left, y: MARGIN.top, w: right - left, h: bottom - MARGIN.top };
    if (spec.equal) this.equalize(xs, ys);
  }

  /** Give both axes the same scale by shrinking the longer side of the box. */
  equalize(xs, ys) {
    const { box, spec } = this, unit = Math.min(box.w / (xs[1] - xs[0]), box.h / (ys[1] - ys[0]));
    const w = unit * (xs[1] - xs[0]), h = unit * (ys[1] - ys[0]);
    this.box = { x: box.x + (box.w - w) / 2, y: box.y + (box.h - h) / 2, w, h };
    this.sx = makeScale(spec.x, xs, this.box.x, this.box.x + w);
    this.sy = makeScale(spec.y, ys, this.box.y + h, this.box.y);
  }

  /** Contours and heat maps are drawn once per field, size and theme. */
  drawBackdrop() {
    if (!this.fields.length) return;
    const { x, y, w, h } = this.box, { dpr } = this, found = this.fields.map((m) => fieldOf(this.names, m.field));
    const stamp = [...found.map((field) => field.version), this.theme.ground, x, y, w, h, this.sx.low, this.sx.high, this.sy.low, this.sy.high].join();
    if (stamp !== this.stamp) {
      const ctx = this.backdrop.getContext("2d");
      ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
      ctx.clearRect(0, 0, this.w, this.h);
      ctx.save();
      ctx.beginPath(); ctx.rect(x, y, w, h); ctx.clip();
      this.isoLabels = [];
      this.fields.forEach((m, i) => BACKDROPS[m.kind](ctx, this, m, found[i]));
      ctx.restore();
      this.stamp = stamp;
    }
    this.ctx.drawImage(this.backdrop, 0, 0, this.w, this.h);
  }

  drawAxes() {
    const { ctx, box, theme, spec } = this, filled = this.fields.length > 0;
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
    const scale = makeScale({ log: bar.log }, heatRange(bar, fieldOf(this.names, bar.field)), box.y + box.h, box.y);
    ctx.font = this.font(TICK_FONT); ctx.textAlign = "left"; ctx.fillStyle = theme.muted;
    for (const { v, text } of axisTicks(scale, 44)) ctx.fillText(text, x + 14, Math.min(Math.max(scale(v) + 4, box.y + 9), box.y + box.h));
    ctx.font = this.font(LABEL_FONT); ctx.fillStyle = theme.ink;
    this.turned(bar.label, w - 4, box.y + box.h / 2);
  }
}
