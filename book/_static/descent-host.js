// Starts the figures of a page from its standard widget state: no kernel, no network.
// A figure starts when it comes near the window, or when the Tab key reaches it. One that cannot
// start keeps its still picture and says why. Paper shows the still pictures, so printing starts none.
(() => {
  "use strict";
  const { runtime, figures } = document.currentScript.dataset;
  const NEAR = "600px", LINK_AFTER = 500;

  const load = (address) => new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.async = false;
    script.onload = done;
    script.onerror = () => failed(new Error("its script could not be loaded"));
    document.head.append(script);
  });

  let loading;
  const scripts = () => (loading ||= Promise.all([load(runtime), load(figures)]));

  let models;
  function findModel(id) {
    const holder = document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]');
    models ||= holder ? JSON.parse(holder.textContent).state : {};
    if (!Object.hasOwn(models, id)) throw new Error("its data is missing from the page");
    return models[id];
  }

  function decode(text) {
    const raw = atob(text), bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return new DataView(bytes.buffer);
  }

  /** Settings in the address: ?bowl=kappa:30,start:1;0.5 */
  function linked(name, spec) {
    const found = {}, text = new URLSearchParams(location.search).get(name) || "";
    for (const part of text.split(",")) {
      const [key, value = ""] = part.split(":"), control = spec.controls.find((c) => c.name === key);
      const numbers = value.split(";").map(Number);
      if (!control || !value || !numbers.every(Number.isFinite)) continue;
      const ranges = control.kind === "point" ? [control.x, control.y] : [[control.values[0], control.values[control.values.length - 1]]];
      if (numbers.length !== ranges.length) continue;
      const inside = numbers.map((v, i) => Math.min(Math.max(v, ranges[i][0]), ranges[i][1]));
      found[key] = control.kind === "point" ? inside : inside[0];
    }
    return found;
  }

  function writeLink(name, values) {
    if (!location.protocol.startsWith("http")) return; // A file's address cannot be changed.
    const url = new URL(location.href);
    url.searchParams.set(name, Object.entries(values).map(([k, v]) => `${k}:${[v].flat().join(";")}`).join(","));
    history.replaceState(history.state, "", url.href.replace(/%3A/g, ":").replace(/%2C/g, ",").replace(/%3B/g, ";"));
  }

  /** The part of a Jupyter widget model that a figure uses. */
  function makeModel(entry, name) {
    const state = { ...entry.state };
    for (const { path, data } of entry.buffers || []) if (path.length === 1) state[path[0]] = decode(data);
    state.data ||= new DataView(new ArrayBuffer(0));
    state.values = { ...state.values, ...linked(name, state.spec) };
    let waiting;
    return {
      get: (key) => state[key],
      set(key, value) { state[key] = value; },
      save_changes() { clearTimeout(waiting); waiting = setTimeout(() => writeLink(name, state.values), LINK_AFTER); },
      on() {},
      off() {},
    };
  }

  const waiting = new Set(document.querySelectorAll(".descent-figure"));

  async function start(figure) {
    if (!waiting.delete(figure)) return;
    watcher.unobserve(figure);
    if (document.activeElement === figure) figure.tabIndex = -1; // The next Tab goes to its controls.
    else figure.removeAttribute("tabindex");
    try {
      await scripts();
      const entry = findModel(figure.dataset.model), id = figure.dataset.figure, traced = DescentExplorer.figures[id];
      if (!traced) throw new Error("its functions are missing");
      DescentExplorer.widget(traced).render({ model: makeModel(entry, id.split("/").pop()), el: figure });
    } catch (error) {
      (globalThis.DescentExplorer?.standStill || onlySay)(figure, error);
    }
  }

  function onlySay(figure, { message }) {
    const notice = figure.querySelector(".dx-notice");
    notice.textContent = `This figure stays a still picture: ${message}.`;
    notice.hidden = false;
  }

  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) start(target);
  }, { rootMargin: NEAR });
  for (const figure of waiting) {
    figure.tabIndex = 0;
    figure.addEventListener("focus", () => start(figure));
    watcher.observe(figure);
  }
})();
