// Pass codes: `descent.check` prints one in Python, this page takes it and notes the pass.
"use strict";
for (const form of document.querySelectorAll("form.passed")) {
  const { id, code } = JSON.parse(form.dataset.passed);
  const label = form.querySelector("label");
  const input = form.querySelector("input");
  const button = form.querySelector("button");
  const status = form.querySelector("[role=status]");

  const show = () => {
    const at = study.read().passed[id];
    label.hidden = Boolean(at);
    button.textContent = at ? "Not passed after all" : "Mark as passed";
    status.textContent = at ? `✓ Passed on ${new Date(at).toLocaleDateString()}.` : "";
    form.dataset.state = at ? "right" : "";
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const entered = input.value.toUpperCase().replace(/[^A-Z0-9]/g, "");
    if (study.read().passed[id]) {
      study.change((record) => delete record.passed[id]);
      input.value = "";
      show();
      input.focus();
    } else if (entered === code) {
      study.change((record) => (record.passed[id] = study.now()));
      show();
      status.textContent += ` ${study.note()}`;
    } else {
      status.textContent = entered
        ? `✗ ${entered} is not the code of this exercise.`
        : "Enter the code that the check printed.";
      input.focus();
    }
  });
  show();
  form.hidden = false;
}
