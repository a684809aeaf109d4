// Grips: what the reader drags on a panel, or moves by arrow keys.

/** A grip on a panel, bound to one point or to two sliders. */
class Handle {
  constructor(figure, panel, mark) {
    Object.assign(this, { figure, panel, controls: mark.controls.map((name) => figure.controls[name]) });
    const grip = (this.grip = figure.find(`[data-handle="${mark.controls.join(" ")}"]`));
    grip.hidden = false;
    grip.addEventListener("pointerdown", (event) => { grip.setPointerCapture(event.pointerId); event.preventDefault(); grip.focus(); });
    grip.addEventListener("pointermove", (event) => { if (grip.hasPointerCapture(event.pointerId)) this.moveToEvent(event); });
    grip.addEventListener("keydown", (event) => this.key(event));
    panel.canvas.addEventListener("click", (event) => this.moveToEvent(event));
  }

  get at() {
    const { values } = this.figure, [a, b] = this.controls;
    return b ? [values[a.name], values[b.name]] : values[a.name];
  }

  get ranges() {
    const [a, b] = this.controls;
    return b ? [a, b].map((c) => [c.values[0], c.values[c.values.length - 1]]) : [a.x, a.y];
  }

  move(point) {
    const [a, b] = this.controls, inside = point.map((v, i) => Math.min(Math.max(v, this.ranges[i][0]), this.ranges[i][1]));
    if (b) this.figure.set({ [a.name]: a.values[nearest(a.values, inside[0])], [b.name]: b.values[nearest(b.values, inside[1])] });
    else this.figure.set({ [a.name]: inside.map((v) => Number(v.toPrecision(4))) });
  }

  moveToEvent(event) {
    const box = this.panel.canvas.getBoundingClientRect();
    this.move([this.panel.sx.invert(event.clientX - box.left), this.panel.sy.invert(event.clientY - box.top)]);
  }

  key(event) {
    const turn = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
    if (!turn) return;
    event.preventDefault();
    const [a, b] = this.controls, stride = event.shiftKey ? 10 : 1;
    if (b) {
      const shifted = (c, by) => c.values[Math.min(Math.max(nearest(c.values, this.figure.values[c.name]) + by * stride, 0), c.values.length - 1)];
      return this.figure.set({ [a.name]: shifted(a, turn[0]), [b.name]: shifted(b, turn[1]) });
    }
    this.move(this.at.map((v, i) => v + (turn[i] * stride * (this.ranges[i][1] - this.ranges[i][0])) / 100));
  }

  place() {
    const { panel, grip } = this, [x, y] = this.at;
    if (!panel.sx) return;
    grip.style.translate = `${panel.sx(x)}px ${panel.sy(y)}px`;
    const text = [panel.spec.x.label, panel.spec.y.label].map((label, i) => `${label} ${numberText([x, y][i], 3, true)}`).join(", ");
    putAttribute(grip, "aria-valuetext", text);
    putAttribute(grip, "aria-valuenow", x);
  }
}
