// The figure: controls, play and step, readout, handles. Draws at most once per animation frame.

const REDUCED = window.matchMedia("(prefers-reduced-motion: reduce)");
const PLAY_SECONDS = 5, ANNOUNCE_AFTER = 600;

/** Colors come from custom properties, so that one style sheet rules page, image and canvas. */
function readTheme(figure, look) {
  const style = getComputedStyle(figure), get = (name) => style.getPropertyValue("--dx-" + name).trim();
  const theme = Object.fromEntries(look.colors.map((name) => [name, get(name)]));
  return { ...theme, sequential: look.sequential, diverging: [theme.below, theme.middle, theme.above] };
}

class Figure {
  constructor(root, { spec, data, traced, values, onChange }) {
    Object.assign(this, { root, spec, onChange, values: { ...values }, frame: 0 });
    this.controls = Object.fromEntries(spec.controls.map((c) => [c.name, c]));
    this.engine = createEngine(spec, data, traced);
    this.steps = spec.steps;
    this.step = this.steps;
    this.find = (selector) => root.querySelector(selector);
    this.panels = spec.panels.map((p, i) => new Panel(this.find(`canvas[data-panel="${i}"]`), p, spec.look));
    this.sliders = [...root.querySelectorAll("input[data-control]")];
    this.readStyle();
    root.classList.add("dx-alive");
    try {
      this.paint();
      this.wire();
      this.paint(); // Now with the grips.
    } catch (error) {
      root.classList.remove("dx-alive"); // The still pictures come back.
      throw error;
    }
  }

  wire() {
    for (const input of this.sliders) {
      input.disabled = false;
      input.addEventListener("input", () => this.set({ [input.dataset.control]: this.controls[input.dataset.control].values[input.value] }));
    }
    for (const button of this.root.querySelectorAll("button[data-action]")) {
      button.disabled = false;
      button.addEventListener("click", () => this[button.dataset.action]());
    }
    this.handles = this.spec.panels.flatMap((panel, i) => panel.marks.filter((m) => m.kind === "handle").map((m) => new Handle(this, this.panels[i], m)));
    // The first call comes when the figure enters the page: only then its colors are known.
    new ResizeObserver(() => this.restyle()).observe(this.root);
    const watcher = new MutationObserver(() => this.restyle()), options = { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light", "class"] };
    watcher.observe(document.documentElement, options);
    watcher.observe(document.body, options);
  }

  readStyle() {
    this.family = getComputedStyle(this.root).fontFamily;
    this.theme = readTheme(this.root, this.spec.look);
  }

  restyle() {
    this.readStyle();
    this.refresh();
  }

  set(values, quiet = false) {
    Object.assign(this.values, values);
    this.refresh();
    if (!quiet && this.onChange) this.onChange({ ...this.values });
  }

  refresh() { this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.paint(); }); }

  paint() {
    const { engine, panels, values } = this, time = this.timeOf(this.step);
    engine.update(values, time);
    for (const panel of panels) panel.draw(engine.names, time, this.theme, this.family);
    for (const handle of this.handles || []) handle.place();
    this.write();
  }

  write() {
    for (const input of this.sliders) {
      const control = this.controls[input.dataset.control], value = this.values[control.name], index = nearest(control.values, value);
      const text = control.words[control.values.indexOf(value)] ?? numberText(value, 4, true) + (control.unit ? " " + control.unit : "");
      if (Number(input.value) !== index) input.value = index;
      input.setAttribute("aria-valuetext", text);
      input.dataset.value = value;
      this.find(`output[data-of="${control.name}"]`).textContent = text;
    }
    this.spec.readout.forEach((item, i) => {
      const cell = this.find(`dd[data-readout="${i}"]`), value = this.engine.names.get(item.name);
      cell.textContent = item.words ? item.words[Math.round(value)] ?? "–" : numberText(value, item.digits) + (item.unit ? " " + item.unit : "");
      cell.dataset.value = value;
    });
    const clock = this.find(".dx-clock");
    if (clock) clock.textContent = `${this.spec.clock} ${this.timeOf(this.step)} of ${this.timeOf(this.steps)}`;
    clearTimeout(this.spoken);
    this.spoken = setTimeout(() => this.announce(), ANNOUNCE_AFTER);
  }

  timeOf(step) { return !this.spec.timed ? Infinity : this.spec.times ? this.spec.times[step] : step; }

  announce() {
    if (this.playing) return;
    const text = this.spec.readout.map((item, i) => `${item.label}: ${this.find(`dd[data-readout="${i}"]`).textContent}`).join("; ");
    const live = this.find(".dx-live");
    if (this.touched && live.textContent !== text) live.textContent = text;
    this.touched = true;
  }

  play() {
    if (this.playing) return this.pause();
    if (this.step >= this.steps) this.step = 0;
    if (REDUCED.matches) { this.step = this.steps; return this.refresh(); }
    const begun = performance.now(), from = this.step;
    const tick = (now) => {
      if (!this.playing) return;
      this.step = Math.min(this.steps, from + Math.floor(((now - begun) / 1000) * (this.steps / PLAY_SECONDS)));
      this.paint();
      if (this.step < this.steps) this.playing = requestAnimationFrame(tick); else this.pause();
    };
    this.playing = requestAnimationFrame(tick);
    this.find('[data-action="play"]').textContent = "❚❚ Pause";
  }

  pause() {
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.find('[data-action="play"]').textContent = "▶ Play";
    this.refresh();
  }

  forward() {
    if (this.playing) this.pause();
    this.step = this.step >= this.steps ? 0 : this.step + 1;
    this.refresh();
  }

  reset() {
    if (this.playing) this.pause();
    this.step = this.steps;
    this.set(Object.fromEntries(this.spec.controls.map((c) => [c.name, c.start])));
  }

  /** What the figure shows, as numbers; tests and curious readers compare it with Python. */
  snapshot() {
    const plain = (v) => (ArrayBuffer.isView(v.values) ? Array.from(v.values) : v);
    return { values: { ...this.values }, names: Object.fromEntries([...this.engine.names].map(([k, v]) => [k, plain(v)])) };
  }
}

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
    grip.style.left = `${panel.sx(x)}px`;
    grip.style.top = `${panel.sy(y)}px`;
    const text = [panel.spec.x.label, panel.spec.y.label].map((label, i) => `${label} ${numberText([x, y][i], 3, true)}`).join(", ");
    grip.setAttribute("aria-valuetext", text);
    grip.setAttribute("aria-valuenow", x);
  }
}

/** Start the figure inside of `root`, whose markup Python has written. */
const mount = (root, options) => (root.explorer = new Figure(root, options));

/** The anywidget interface: JupyterLab and the host of the static page both call `render`. */
function widget(traced) {
  return {
    render({ model, el }) {
      const placed = el.classList.contains("descent-figure"); // The page holds the markup already.
      if (!placed) el.innerHTML = model.get("html");
      const root = placed ? el : el.firstElementChild, data = model.get("data");
      const view = data instanceof DataView ? data : new DataView(data.buffer ?? data);
      let mine = false;
      const figure = mount(root, {
        spec: model.get("spec"), data: view, traced, values: model.get("values"),
        onChange(values) { mine = true; model.set("values", values); mine = false; model.save_changes(); },
      });
      model.on("change:values", () => { if (!mine) figure.set(model.get("values"), true); });
    },
  };
}
