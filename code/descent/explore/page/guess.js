// A guess before the answer: marks and numbers stay hidden until the reader commits to one.

/** A page of the book keeps guesses with the rest of the reader's progress; a notebook keeps none. */
const guesses = {
  read: (id) => (typeof study === "undefined" ? undefined : study.read().guesses[id]),
  write(id, record) {
    if (typeof study === "undefined") return;
    study.change(({ guesses }) => { if (record) guesses[id] = record; else delete guesses[id]; });
  },
};

class Guess {
  constructor(figure, form) {
    const { spec } = figure;
    Object.assign(this, { figure, form, ask: spec.guess, key: spec.id, item: spec.readout.find((r) => r.name === spec.guess.name) });
    this.verdict = form.querySelector(".dx-verdict");
    this.button = form.querySelector("button");
    this.inputs = [...form.querySelectorAll("input")];
    for (const part of [...this.inputs, this.button]) part.disabled = false;
    form.addEventListener("submit", (event) => { event.preventDefault(); this.committed ? this.again() : this.commit(); });
    const earlier = guesses.read(this.key);
    this.hide();
    if (this.write(earlier?.prediction)) this.reveal(earlier.prediction, earlier.verdict);
  }

  get choices() { return this.inputs[0].type === "radio"; }

  /** Put an earlier guess into the form; say whether it is one. */
  write(value) {
    if (typeof value !== "number" || !Number.isFinite(value)) return false;
    if (!this.choices) { this.inputs[0].value = value; return true; }
    for (const input of this.inputs) input.checked = Number(input.value) === value;
    return this.inputs.some((input) => input.checked);
  }

  commit() {
    const chosen = this.choices ? this.inputs.find((input) => input.checked)?.value : this.inputs[0].value.trim();
    if (!chosen || !Number.isFinite(Number(chosen))) {
      this.verdict.textContent = this.choices ? "Choose an answer first." : "Enter a number first.";
      return this.inputs[0].focus();
    }
    const guess = Number(chosen), value = this.figure.engine.names.get(this.ask.name);
    const right = this.choices ? guess === Math.round(value) : Math.abs(guess - value) <= this.ask.within * Math.abs(value);
    const words = (v) => readoutText(this.item, v), limit = this.choices ? "" : `, which is ${right ? "within" : "more than"} ${numberText(100 * this.ask.within, 3, true)} %${right ? "" : " off"}`;
    const verdict = `${right ? "✓" : "✗"} You guessed ${words(guess)}; it is ${words(value)}${limit} (${this.figure.settingsText(this.figure.values)}).`;
    guesses.write(this.key, { prediction: guess, right, verdict, at: new Date().toISOString() });
    this.reveal(guess, verdict);
  }

  again() {
    guesses.write(this.key, null);
    this.verdict.textContent = "";
    this.hide();
    this.figure.refresh();
    this.inputs[0].focus();
  }

  hide() { this.set(false); }

  reveal(guess, verdict) {
    this.verdict.textContent = String(verdict ?? "");
    this.set(true);
    this.figure.refresh();
  }

  set(committed) {
    const { figure, ask } = this, hidden = (names) => !committed && names.some((name) => ask.hides.includes(name));
    this.committed = committed;
    this.button.textContent = committed ? "Guess again" : "Commit";
    for (const input of this.inputs) input.disabled = committed;
    figure.root.classList.toggle("dx-guessing", !committed);
    figure.hiddenCells = new Set(figure.spec.readout.flatMap((r, i) => (hidden([r.name]) ? [i] : [])));
    for (const panel of figure.panels) panel.show(panel.spec.marks.filter((m) => !hidden(namesOf(m))));
  }
}

/** Everything in a mark that may be a name. */
const namesOf = (m) => [m.field, m.x, m.y, m.xy, m.of, m.low, m.high, m.radius].filter((v) => typeof v === "string");
