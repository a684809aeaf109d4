// The figure: controls, play and step, readout, grips. Draws at most once per animation frame.

const REDUCED = window.matchMedia("(prefers-reduced-motion: reduce)");
const PLAY_SECONDS = 5, ANNOUNCE_AFTER = 600;
const HELD_SLICE = 3, SLICE = 10; // Milliseconds of a frame that a process may use.

/** Colors come from custom properties, so that one style sheet rules page, image and canvas. */
function readTheme(figure, look) {
  const style = getComputedStyle(figure), get = (name) => style.getPropertyValue("--dx-" + name).trim();
  const theme = Object.fromEntries(look.colors.map((name) => [name, get(name)]));
  return { ...theme, sequential: look.sequential, diverging: [theme.below, theme.middle, theme.above] };
}

const withUnit = (text, unit) => (unit ? `${text} ${unit}` : text);
const readoutText = (item, value) => (item.words ? item.words[Math.round(value)] ?? "–" : withUnit(numberText(value, item.digits), item.unit));
const settingText = (control, value) => (control.kind === "point" ? `(${value.map((v) => numberText(v, 3, true)).join(", ")})`
  : control.words[control.values.indexOf(value)] ?? withUnit(numberText(value, 4, true), control.unit));

/** Write a text where it differs, into the text node that is there: less is laid out again. */
function putText(node, text) {
  const held = node.firstChild;
  if (node.textContent === text) return;
  if (held && held === node.lastChild && held.nodeType === Node.TEXT_NODE) held.data = text; else node.textContent = text;
}

/** Write an attribute where it differs. */
function putAttribute(node, name, value) { if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value); }

class Figure {
  constructor(root, { spec, data, traced, values, onChange, page }) {
    Object.assign(this, { root, spec, onChange, page, values: { ...values }, frame: 0, hiddenCells: new Set() });
    this.controls = Object.fromEntries(spec.controls.map((c) => [c.name, c]));
    this.engine = createEngine(spec, data, traced);
    for (const { kind } of spec.panels.flatMap((p) => p.marks))
      if (kind !== "handle" && ![MARKS, MARKERS, BACKDROPS].some((known) => Object.hasOwn(known, kind))) throw new Error(`${kind} is no kind of mark`);
    this.steps = this.step = spec.steps;
    this.find = (selector) => root.querySelector(selector);
    this.panels = spec.panels.map((p, i) => new Panel(this.find(`canvas[data-panel="${i}"]`), p, spec.look));
    this.sliders = [...root.querySelectorAll("input[data-control]")];
    this.clock = this.find("input[data-time]");
    this.readStyle();
    root.classList.add("dx-alive");
    try {
      if (spec.guess) new Guess(this, this.find(".dx-guess"));
      if (page) this.follow();
      this.paint();
      this.wire();
      this.paint(); // Now with the grips.
    } catch (error) {
      root.classList.remove("dx-alive"); // The still pictures come back.
      throw error;
    }
    if (page) LIVE.set(shortName(spec), this);
  }

  wire() {
    for (const input of this.sliders) {
      input.disabled = false;
      input.addEventListener("input", () => this.set({ [input.dataset.control]: this.controls[input.dataset.control].values[input.value] }));
    }
    for (const button of this.root.querySelectorAll("button[data-action]")) {
      button.disabled = button.dataset.action === "share" && !this.page;
      button.addEventListener("click", () => this[button.dataset.action]());
    }
    if (this.clock) {
      this.clock.disabled = false;
      this.clock.addEventListener("input", () => { if (this.playing) this.pause(); this.step = Number(this.clock.value); this.refresh(); });
    }
    this.find(".dx-data").addEventListener("toggle", () => this.refresh());
    this.handles = this.spec.panels.flatMap((panel, i) => panel.marks.filter((m) => m.kind === "handle").map((m) => new Handle(this, this.panels[i], m)));
    // The first call comes when the figure enters the page: only then its colors are known.
    new ResizeObserver(() => this.restyle()).observe(this.root);
    const watcher = new MutationObserver(() => this.restyle()), options = { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light", "class"] };
    watcher.observe(document.documentElement, options);
    watcher.observe(document.body, options);
    if (this.page) window.addEventListener("hashchange", () => this.follow());
  }

  readStyle() {
    this.family = getComputedStyle(this.root).fontFamily;
    this.theme = readTheme(this.root, this.spec.look);
  }

  restyle() {
    this.readStyle();
    for (const panel of this.panels) panel.measure();
    this.refresh();
  }

  set(values, quiet = false) {
    Object.assign(this.values, values);
    this.changed = true;
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
    const more = engine.update(values, time, this.changed ? HELD_SLICE : SLICE);
    this.changed = false;
    this.write(); // Text comes first: setting a canvas's font lays out what has changed, once.
    for (const panel of panels) panel.draw(engine.names, time, this.theme, this.family, this.pinned?.names);
    for (const handle of this.handles || []) handle.place();
    if (more && !this.playing) this.refresh();
  }

  settingsText(values) { return this.spec.controls.map((c) => `${c.label} = ${settingText(c, values[c.name])}`).join(", "); }

  cellText(i, names) { return this.hiddenCells.has(i) ? "?" : readoutText(this.spec.readout[i], names.get(this.spec.readout[i].name)); }

  write() {
    for (const input of this.sliders) {
      const control = this.controls[input.dataset.control], value = this.values[control.name], index = nearest(control.values, value), text = settingText(control, value);
      if (Number(input.value) !== index) input.value = index;
      putAttribute(input, "aria-valuetext", text);
      putAttribute(input, "data-value", value);
      putText(this.find(`output[data-of="${control.name}"]`), text);
    }
    this.spec.readout.forEach((item, i) => {
      const cell = this.find(`dd[data-readout="${i}"]`), was = this.find(`dd[data-was="${i}"]`);
      putText(cell, this.cellText(i, this.engine.names));
      putAttribute(cell, "data-value", this.hiddenCells.has(i) ? "" : this.engine.names.get(item.name));
      was.toggleAttribute("hidden", !this.pinned);
      putText(was, this.pinned ? `pinned ${this.cellText(i, this.pinned.names)}` : "");
    });
    const stored = this.find(".dx-stored");
    if (stored) putText(stored, storedText(this));
    if (this.whenBetween) this.whenBetween(this.engine.between());
    if (this.clock) {
      const text = `${this.timeOf(this.step)} of ${this.timeOf(this.steps)}`;
      if (Number(this.clock.value) !== this.step) this.clock.value = this.step;
      putAttribute(this.clock, "aria-valuetext", text);
      putText(this.find(".dx-clock"), text);
    }
    clearTimeout(this.spoken);
    this.spoken = setTimeout(() => this.announce(), ANNOUNCE_AFTER);
    if (this.find(".dx-data").open && !this.playing) fillSheet(this.find(".dx-sheets"), this);
  }

  timeOf(step) { return !this.spec.timed ? Infinity : this.spec.times ? this.spec.times[step] : step; }

  announce() {
    if (this.playing) return;
    const text = this.spec.readout.map((item, i) => `${item.label}: ${this.cellText(i, this.engine.names)}`).join("; ");
    if (this.touched && this.said !== text) {
      this.say(text);
      const now = `Now, at ${this.settingsText(this.values)}: ${text}. The data table holds what is drawn.`;
      for (const { canvas, spec } of this.panels) canvas.setAttribute("aria-label", `${spec.title}: ${spec.y.label} against ${spec.x.label}. ${now}`);
    }
    this.said = text;
    this.touched = true;
  }

  say(text) { this.find(".dx-live").textContent = text; }

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
    this.unpin();
    this.set(Object.fromEntries(this.spec.controls.map((c) => [c.name, c.start])));
  }

  /** Keep what is drawn as a thin ghost, to compare other settings with it. */
  pin() {
    if (this.pinned) { this.unpin(); return this.refresh(); }
    this.keep({ ...this.values });
    this.refresh();
  }

  keep(values) {
    this.engine.update(values, this.timeOf(this.steps));
    this.pinned = { values, names: structuredClone(this.engine.names) };
    this.showPinned(`Pinned, drawn thin: ${this.settingsText(values)}.`, "Unpin");
  }

  unpin() {
    this.pinned = null;
    this.showPinned("", "Pin");
  }

  showPinned(text, word) {
    const line = this.find(".dx-pinned"), button = this.find('[data-action="pin"]');
    line.textContent = text;
    line.hidden = !text;
    button.textContent = word;
    button.setAttribute("aria-pressed", String(Boolean(text)));
  }

  /** What the address says about this figure: pairs of name and setting, "" for the defaults. */
  link() {
    const changed = (values) => Object.fromEntries(Object.entries(values).filter(([k, v]) => String(v) !== String(this.controls[k].start)));
    const step = this.step < this.steps ? { step: this.step } : {}, name = shortName(this.spec);
    return [[name, linkText({ ...changed(this.values), ...step })], [`${name}.pin`, this.pinned ? linkText(this.pinned.values) : ""]];
  }

  async share() {
    const address = makeLink(this), button = this.find('[data-action="share"]');
    if (location.protocol.startsWith("http")) history.replaceState(history.state, "", address); // A file's address cannot be changed.
    try {
      await navigator.clipboard.writeText(address);
      button.textContent = "Copied";
      this.say("The link to this setting is copied.");
    } catch {
      this.notice(`Copy this address: ${address}`);
    }
    setTimeout(() => { button.textContent = "Copy link"; }, 2000);
  }

  /** Take the setting from the address; what cannot be is left out as a whole, and named. */
  follow() {
    try {
      const found = readLink(this.spec), pinned = readLink(this.spec, ".pin");
      if (pinned) { const { step, ...values } = pinned; this.keep({ ...this.values, ...values }); }
      if (!found) return;
      const { step = this.steps, ...values } = found;
      this.step = step;
      this.notice("");
      this.set({ ...Object.fromEntries(this.spec.controls.map((c) => [c.name, c.start])), ...values });
    } catch (error) {
      this.notice(`The setting in the address was not used: ${error.message}.`);
    }
  }

  /** What the figure shows, as numbers; tests and curious readers compare it with Python. */
  snapshot() {
    const plain = (v) => (ArrayBuffer.isView(v.values) ? Array.from(v.values) : v);
    const all = (names) => Object.fromEntries([...names].map(([k, v]) => [k, plain(v)]));
    const pinned = this.pinned && { values: this.pinned.values, names: all(this.pinned.names) };
    const drawn = this.panels.map((p) => p.marks.map((m) => columnsOf(this.engine.names, m)?.map((column) => Array.from(column))));
    return { values: { ...this.values }, names: all(this.engine.names), pinned, drawn };
  }
}

/** Bring the still pictures back, and say in one line why. */
function standStill(root, error) {
  root.classList.replace("dx-alive", "dx-still") || root.classList.add("dx-still");
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
        spec: model.get("spec"), data: view, traced, values: model.get("values"), page: placed,
        onChange(values) { mine = true; model.set("values", values); mine = false; model.save_changes(); },
      });
      if (!placed) attachKernel(figure, model);
      model.on("change:values", () => { if (!mine) figure.set(model.get("values"), true); });
    },
  };
}
