// The page that shows what this browser has kept: bars, calibration, and the record as a file.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (name, attributes = {}, ...children) => {
    const svg = ["svg", "path", "circle", "text", "g", "title"].includes(name);
    const element = svg
      ? document.createElementNS("http://www.w3.org/2000/svg", name)
      : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const right = (kept) => Boolean(kept && (kept.first.right || kept.last?.right));
  const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

  // --- chapters --------------------------------------------------------------------------------

  function task(item, record) {
    const id = item.dataset.exercise;
    const kept = record.predictions[id];
    const done = Boolean(record.passed[id]) || right(kept);
    const state = done ? "✓ done" : kept ? "✗ not yet right" : "";
    item.querySelector(".progress-state").textContent = state && ` ${state}`;
    return done;
  }

  function section(item, record) {
    const box = item.querySelector("input");
    box.checked = Boolean(record.sections[item.dataset.section]);
    box.disabled = false;
    return box.checked;
  }

  function chapters(record) {
    for (const bar of all(".progress-bar")) {
      const items = all("li", bar);
      const done = items.filter((item) =>
        item.dataset.section ? section(item, record) : task(item, record));
      bar.querySelector("progress").value = done.length;
      bar.querySelector(".progress-count").textContent = `${done.length} of ${items.length}`;
    }
  }

  // --- calibration -----------------------------------------------------------------------------

  function levels(said) {
    const groups = new Map();
    for (const { sure, right } of said) {
      const group = groups.get(sure) ?? { sure, count: 0, hits: 0 };
      group.count += 1;
      group.hits += right;
      groups.set(sure, group);
    }
    return [...groups.values()].sort((a, b) => a.sure - b.sure);
  }

  const brier = (said) =>
    said.reduce((sum, { sure, right }) => sum + (sure / 100 - right) ** 2, 0) / said.length;

  function curve(groups) {
    const x = (percent) => 50 + 2.4 * percent;
    const y = (percent) => 260 - 2.4 * percent;
    const spoken = groups.map((g) => `at ${g.sure} % sure, ${g.hits} of ${g.count} right`);
    const svg = make("svg", {
      viewBox: "0 0 320 310", role: "img", "aria-label": `Calibration: ${spoken.join("; ")}.`,
    });
    for (const percent of [0, 50, 100]) {
      svg.append(
        make("path", { class: "grid", d: `M${x(0)} ${y(percent)}H${x(100)}` }),
        make("text", { x: x(percent), y: 278, "text-anchor": "middle" }, `${percent} %`),
        make("text", { x: 44, y: y(percent) + 4, "text-anchor": "end" }, `${percent} %`));
    }
    const points = groups.map((g) => [x(g.sure), y((100 * g.hits) / g.count)]);
    svg.append(
      make("text", { x: x(50), y: 300, "text-anchor": "middle" }, "how sure you were"),
      make("text", { x: 50, y: 12 }, "how often you were right"),
      make("path", { class: "ideal", d: `M${x(0)} ${y(0)}L${x(100)} ${y(100)}` }),
      make("path", { class: "curve", d: `M${points.map((p) => p.join(" ")).join("L")}` }));
    groups.forEach((g, k) => {
      const [cx, cy] = points[k];
      const r = Math.min(4 + 2 * Math.sqrt(g.count), 14);
      svg.append(make("circle", { cx, cy, r }));
    });
    return svg;
  }

  function table(groups) {
    const head = ["how sure", "predictions", "right", "hit rate"];
    const rows = groups.map((g) =>
      [`${g.sure} %`, g.count, g.hits, `${Math.round((100 * g.hits) / g.count)} %`]);
    const line = (cells, cell, scope) =>
      make("tr", {}, ...cells.map((words) => make(cell, scope, String(words))));
    return make("table", {},
      make("caption", {}, "Your first answer to each prediction and check"),
      make("thead", {}, line(head, "th", { scope: "col" })),
      make("tbody", {}, ...rows.map((row) => line(row, "td", {}))));
  }

  // A guess on a figure carries no confidence: it is counted, not calibrated.
  function guesses(record) {
    const made = Object.values(record.guesses);
    if (!made.length) return [];
    const hits = made.filter(({ right }) => right).length;
    return [make("p", {}, `You guessed the answer of ${plural(made.length, "figure")}; `
      + `${hits} of ${made.length} right.`)];
  }

  function calibration(record) {
    const said = Object.values(record.predictions).map((kept) => kept.first);
    const place = document.querySelector(".progress-calibration");
    if (!said.length) {
      place.replaceChildren(make("p", {}, "No predictions yet. Commit to one in a chapter, and say "
        + "how sure you are: this place then compares the two."), ...guesses(record));
      return;
    }
    const groups = levels(said);
    const score = make("strong", {}, brier(said).toFixed(2));
    place.replaceChildren(
      make("div", { class: "progress-curve" }, curve(groups), table(groups)),
      make("p", {}, "Your Brier score is ", score, `, from ${plural(said.length, "prediction")}.`),
      ...guesses(record));
  }

  // --- the record as a file --------------------------------------------------------------------

  const status = document.querySelector(".progress-file [role=status]");

  function tell() {
    const place = document.querySelector(".progress-note");
    const disk = "Opened from disk, some browsers keep the notes of each page apart; "
      + "a served book (make serve) avoids that.";
    place.textContent = study.note() || (location.protocol === "file:" ? disk : "");
  }

  function draw() {
    const record = study.read();
    chapters(record);
    calibration(record);
    tell();
  }

  const contents = (record) => [
    plural(Object.keys(record.sections).length, "section"),
    plural(Object.keys(record.passed).length, "pass code"),
    plural(Object.keys(record.predictions).length, "prediction"),
    plural(Object.keys(record.guesses).length, "guess", "guesses"),
  ].join(", ");

  function download() {
    const record = study.read();
    const text = JSON.stringify(record, null, 1);
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const name = `descent-progress-${study.now().slice(0, 10)}.json`;
    make("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    status.textContent = `Exported ${contents(record)} to ${name}.`;
  }

  // What belongs to no page of this book is left out, and counted.
  function known(record) {
    const names = new Set(all("[data-section], [data-exercise]").map((item) =>
      item.dataset.section ?? item.dataset.exercise));
    let lost = 0;
    for (const kind of ["sections", "passed", "predictions"]) {
      for (const name of Object.keys(record[kind]).filter((name) => !names.has(name))) {
        delete record[kind][name];
        lost += 1;
      }
    }
    return lost;
  }

  async function upload(input) {
    const [file] = input.files;
    if (!file) return;
    try {
      if (file.size > 2e6) throw new TypeError("it is larger than two megabytes");
      const record = study.parse(await file.text());
      const lost = known(record);
      study.change((mine) => study.merge(mine, record));
      const rest = lost ? ` ${plural(lost, "entry", "entries")} for no page of this book left out.` : "";
      draw();
      status.textContent = `Imported ${contents(record)}.${rest}`;
    } catch (error) {
      status.textContent = `${file.name} was refused: ${error.message}. Nothing changed.`;
    }
    input.value = "";
  }

  function erasing() {
    const dialog = document.querySelector(".progress-file dialog");
    document.querySelector(".progress-erase").addEventListener("click", () => {
      dialog.querySelector("p").textContent = `This erases ${contents(study.read())} from this `
        + "browser. It cannot be undone; an exported file could be imported again.";
      dialog.returnValue = "keep";
      dialog.showModal();
    });
    for (const button of all("button", dialog)) {
      button.addEventListener("click", () => dialog.close(button.value));
    }
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "erase") return;
      study.erase();
      draw();
      status.textContent = "Everything was erased.";
    });
  }

  for (const item of all("[data-section]")) {
    item.querySelector("input").addEventListener("change", (event) => {
      study.change((record) => {
        if (event.target.checked) record.sections[item.dataset.section] = study.now();
        else delete record.sections[item.dataset.section];
      });
      draw();
    });
  }
  document.querySelector(".progress-export").addEventListener("click", download);
  document.querySelector(".progress-import input").addEventListener("change", (event) =>
    upload(event.target));
  erasing();
  addEventListener("storage", (event) => {
    if (event.key === study.KEY || event.key === null) draw();
  });
  document.querySelector(".progress-file").hidden = false;
  draw();
})();
