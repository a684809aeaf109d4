// Predictions: the reader commits to an answer and to a confidence, then sees the computed one.
// The page holds the accepted intervals, computed when the book was built; `study` keeps the rest.
"use strict";
(() => {
  const within = (value, target) =>
    Array.isArray(target) ? target[0] <= value && value <= target[1] : value === target;

  const start = (section) => {
    const data = JSON.parse(section.dataset.predict);
    const form = section.querySelector("form");
    const sure = [...form.querySelectorAll(".predict-sure input")];
    const inputs = [...form.querySelectorAll("input")].filter((input) => !sure.includes(input));
    const isNumber = inputs[0].type === "number";
    const button = form.querySelector("button");
    const verdict = section.querySelector(".predict-verdict");
    const note = section.querySelector(".predict-note");
    const answer = section.querySelector("details.predict-answer");
    const feedback = [...section.querySelectorAll(".predict-feedback")];
    let committed = false;

    const chosen = (radios) => radios.find((radio) => radio.checked)?.value ?? null;
    const prediction = () => {
      if (!isNumber) return chosen(inputs);
      const value = inputs[0].valueAsNumber;
      return Number.isFinite(value) ? value : null;
    };

    const words = (value, right) => {
      if (!isNumber) {
        return right ? "✓ Your prediction is right." : "✗ Your prediction is not what happens.";
      }
      const said = `You predicted ${value}${data.unit && " " + data.unit}; `;
      const found = `the computed value is ${data.answer}.`;
      return right
        ? `✓ ${said}${found} That is within ${data.within}.`
        : `✗ ${said}${found} That is more than ${data.within} off.`;
    };

    const show = (value, level) => {
      const right = within(value, data.right);
      const mistake = right
        ? null
        : Object.keys(data.wrong).find((name) => within(value, data.wrong[name]));
      verdict.textContent = `${words(value, right)} You were ${level} % sure.`;
      section.dataset.state = right ? "right" : "wrong";
      for (const part of feedback) part.hidden = part.dataset.wrong !== mistake;
      for (const input of [...inputs, ...sure]) input.disabled = true;
      button.textContent = "Predict again";
      answer.hidden = false;
      answer.open = true;
      committed = true;
      return right;
    };

    const reset = () => {
      verdict.textContent = "";
      note.textContent = "";
      delete section.dataset.state;
      for (const part of feedback) part.hidden = true;
      for (const input of [...inputs, ...sure]) input.disabled = false;
      button.textContent = "Commit";
      answer.hidden = true;
      answer.open = false;
      committed = false;
    };

    // The first commitment counts for the calibration: later ones have seen the answer.
    const again = () => {
      reset();
      for (const input of sure) input.checked = false;
      const record = study.change((record) => (record.predictions[data.id].last = null));
      const { first } = record.predictions[data.id];
      note.textContent = `In your calibration stays your first prediction, at ${first.sure} %.`;
      inputs[0].focus();
    };

    const commit = (value, level) => {
      const right = show(value, level);
      const last = { prediction: value, sure: level, right, at: study.now() };
      study.change((record) => {
        const first = record.predictions[data.id]?.first ?? last;
        record.predictions[data.id] = { first, last };
      });
      note.textContent = study.note();
    };

    const ask = (sentence, input) => {
      verdict.textContent = sentence;
      input.focus();
    };

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (committed) return again();
      const value = prediction();
      const level = chosen(sure);
      if (value === null) {
        return ask(isNumber ? "Enter a number first." : "Choose an answer first.", inputs[0]);
      }
      if (level === null) return ask("Say how sure you are first.", sure[0]);
      commit(value, Number(level));
    });

    const restore = ({ prediction: value, sure: level }) => {
      // An exercise may have changed since: what no longer fits is not shown.
      const fits = isNumber
        ? Number.isFinite(value)
        : inputs.some((input) => input.value === value);
      if (!fits) return;
      if (isNumber) inputs[0].value = value;
      else for (const input of inputs) input.checked = input.value === value;
      for (const input of sure) input.checked = Number(input.value) === level;
      show(value, level);
    };

    reset();
    form.hidden = false;
    const { last } = study.read().predictions[data.id] ?? {};
    if (last) restore(last);
  };

  for (const section of document.querySelectorAll("section.predict")) start(section);

  // On paper every answer is open.
  window.addEventListener("beforeprint", () => {
    for (const answer of document.querySelectorAll("details.predict-answer")) {
      answer.hidden = false;
    }
  });
  window.addEventListener("afterprint", () => {
    for (const section of document.querySelectorAll("section.predict:not([data-state])")) {
      section.querySelector("details.predict-answer").hidden = true;
    }
  });
})();
