// Starts the figures of a page from its standard widget state: no kernel, no network.
// A figure starts when it comes near the window, or when the Tab key reaches it. One that cannot
// start keeps its still picture and says why. Paper shows the still pictures, so printing starts none.
(() => {
  "use strict";
  const { runtime, figures } = document.currentScript.dataset;
  const NEAR = "600px";

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

  /** The part of a Jupyter widget model that a figure uses. */
  function makeModel(entry) {
    const state = { ...entry.state };
    for (const { path, data } of entry.buffers || []) if (path.length === 1) state[path[0]] = decode(data);
    state.data ||= new DataView(new ArrayBuffer(0));
    return {
      get: (key) => state[key],
      set(key, value) { state[key] = value; },
      save_changes() {},
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
      DescentExplorer.widget(traced).render({ model: makeModel(entry), el: figure });
    } catch (error) {
      (globalThis.DescentExplorer?.standStill || onlySay)(figure, error);
    }
  }

  function onlySay(figure, { message }) {
    const notice = figure.querySelector(".dx-notice");
    notice.textContent = `This figure stays a still picture: ${message}.`;
    notice.hidden = false;
    figure.classList.add("dx-still");
  }

  // An address with settings opens at the first figure that it names.
  const named = /^#([\w-]+)=/.exec(location.hash);
  if (named) document.getElementById(`figure-${named[1]}`)?.scrollIntoView();

  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) start(target);
  }, { rootMargin: NEAR });
  for (const figure of waiting) {
    figure.tabIndex = 0;
    figure.addEventListener("focus", () => start(figure));
    watcher.observe(figure);
  }
})();
