// A kernel, where there is one, computes what lies between the shipped settings. Until its numbers
// arrive, and without a kernel, those of the nearest shipped setting are shown, and a line says so.

/** Say which settings the shown numbers belong to, where they are not the reader's. */
function storedText(figure) {
  const text = (names, values) => names.map((name, i) => {
    const { label, unit } = figure.controls[name] || { label: name };
    return `${label} = ${numberText(values[i], 4, true)}${unit ? " " + unit : ""}`;
  }).join(", ");
  const found = figure.engine.between();
  if (!found.length) return figure.storedNote || "";
  return found.map(({ axes, wanted, used, computed }) => {
    const off = axes.filter((_, i) => wanted[i] !== used[i]), at = (values) => axes.map((_, i) => values[i]).filter((_, i) => wanted[i] !== used[i]);
    if (computed) return `Computed in Python for ${text(off, at(wanted))}.`;
    return `Stored results for ${text(off, at(used))}, the nearest to ${text(off, at(wanted))}.${figure.computing ? " Python is computing." : ""}`;
  }).filter((line, i, all) => all.indexOf(line) === i).join(" ");
}

/** Ask the kernel whether it can compute; if so, let the sliders take values between the shipped. */
function attachKernel(figure, model) {
  let refused = "";
  const askFor = ({ index, wanted }) => {
    if (figure.computing || refused === String(wanted)) return; // One question at a time; the next is about what is wanted then.
    figure.computing = true;
    figure.refresh();
    model.send({ ask: "numbers", signal: index, settings: wanted });
  };
  const replies = {
    ready({ controls, tables }) {
      for (const name in controls) figure.allow(name, controls[name]);
      figure.storedNote = "Settings between the stored ones are computed in Python.";
      figure.whenBetween = (found) => found.filter((one) => !one.computed && tables.includes(one.index)).slice(0, 1).forEach(askFor);
    },
    numbers({ signal, settings }, buffers) {
      figure.computing = false;
      figure.notice("");
      figure.engine.accept(signal, settings, buffers);
      figure.refresh();
    },
    failed({ reason, settings }) {
      figure.computing = false;
      refused = String(settings);
      figure.notice(`Python could not compute this setting: ${reason}.`);
      figure.refresh();
    },
  };
  model.on("msg:custom", (content, buffers) => {
    try { replies[content.reply]?.(content, buffers); } catch (error) { figure.notice(`The kernel's answer was not used: ${error.message}.`); }
  });
  model.send({ ask: "ready" });
}
