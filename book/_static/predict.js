// Predictions: the reader commits to an answer, then sees the computed one.
// The page holds the accepted intervals, computed when the book was built; nothing leaves the page.
(() => {
  "use strict";
  const key = (id) => `descent.predict.${id}`;

  // A browser may forbid storage (private windows, file://): predictions then last for the visit.
  const stored = (id) => {
    try {
      return JSON.parse(localStorage.getItem(key(id)));
    } catch {
      return null;
    }
  };
  const store = (id, record) => {
    try {
      if (record) localStorage.setItem(key(id), JSON.stringify(record));
      else localStorage.removeItem(key(id));
    } catch {
      /* nothing to keep it in */
    }
  };

  const within = (value, target) =>
    Array.isArray(target) ? target[0] <= value && value <= target[1] : value === target;

  const start = (section) => {
    const data = JSON.parse(section.dataset.predict);
    const form = section.querySelector("form");
    const inputs = [...form.querySelectorAll("input")];
    const button = form.querySelector("button");
    const verdict = section.querySelector(".predict-verdict");
    const answer = section.querySelector("details.predict-answer");
    const feedback = [...section.querySelectorAll(".predict-feedback")];
    let committed = false;

    const prediction = () => {
      if (inputs[0].type === "number") {
        const value = inputs[0].valueAsNumber;
        return Number.isFinite(value) ? value : null;
      }
      return inputs.find((input) => input.checked)?.value ?? null;
    };

    const words = (value, right) => {
      if (inputs[0].type !== "number") {
        return right ? "✓ Your prediction is right." : "✗ Your prediction is not what happens.";
      }
      const said = `You predicted ${value}${data.unit && " " + data.unit}; `;
      const found = `the computed value is ${data.answer}.`;
      return right
        ? `✓ ${said}${found} That is within ${data.within}.`
        : `✗ ${said}${found} That is more than ${data.within} off.`;
    };

    const show = (value) => {
      const right = within(value, data.right);
      const mistake = right
        ? null
        : Object.keys(data.wrong).find((name) => within(value, data.wrong[name]));
      verdict.textContent = words(value, right);
      section.dataset.state = right ? "right" : "wrong";
      for (const part of feedback) part.hidden = part.dataset.wrong !== mistake;
      for (const input of inputs) input.disabled = true;
      button.textContent = "Predict again";
      answer.hidden = false;
      answer.open = true;
      committed = true;
      return right;
    };

    const reset = () => {
      verdict.textContent = "";
      delete section.dataset.state;
      for (const part of feedback) part.hidden = true;
      for (const input of inputs) input.disabled = false;
      button.textContent = "Commit";
      answer.hidden = true;
      answer.open = false;
      committed = false;
    };

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (committed) {
        store(data.id, null);
        reset();
        return;
      }
      const value = prediction();
      if (value === null) {
        verdict.textContent =
          inputs[0].type === "number" ? "Enter a number first." : "Choose an answer first.";
        inputs[0].focus();
        return;
      }
      const right = show(value);
      store(data.id, { prediction: value, right, at: new Date().toISOString() });
    });

    const earlier = stored(data.id)?.prediction;
    reset();
    form.hidden = false;
    if (inputs[0].type === "number" && Number.isFinite(earlier)) {
      inputs[0].value = earlier;
      show(earlier);
    } else if (inputs.some((input) => input.type === "radio" && input.value === earlier)) {
      for (const input of inputs) input.checked = input.value === earlier;
      show(earlier);
    }
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
