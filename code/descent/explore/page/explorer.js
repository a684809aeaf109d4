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
    for (const { kind } of spec.panels.flatMap((p) => p.marks))
      if (kind !== "handle" && ![MARKS, MARKERS, BACKDROPS].some((known) => Object.hasOwn(known, kind))) throw new Error(`${kind} is no kind of mark`);
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

  refresh() { this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.attempt(() => this.paint()); }); }

  attempt(action) {
    try { action(); } catch (error) { this.playing = 0; standStill(this.root, error); }
  }

  notice(text) {
    const line = this.find(".dx-notice");
    line.textContent = text;
    line.hidden = !text;
  }

  /** Let a slider take other values. */
  allow(name, values) {
    this.controls[name].values = values;
    const input = this.find(`input[data-control="${name}"]`);
    input.max = values.length - 1;
    input.value = nearest(values, this.values[name]);
  }

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
    const stored = this.find(".dx-stored");
    if (stored) stored.textContent = storedText(this);
    if (this.whenBetween) this.whenBetween(this.engine.between());
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
      this.attempt(() => this.paint());
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

/** Bring the still pictures back, and say in one line why. */
function standStill(root, error) {
  root.classList.remove("dx-alive");
  const notice = root.querySelector(".dx-notice"), own = error.constructor === Error;
  const reason = own ? error.message : `its description is damaged (${error.message})`;
  notice.textContent = `This figure stays a still picture: ${reason}.`.replace(/\s+/g, " ");
  notice.hidden = false;
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
      if (!placed) attachKernel(figure, model);
      model.on("change:values", () => { if (!mine) figure.set(model.get("values"), true); });
    },
  };
}
