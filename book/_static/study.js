// What the reader has done, kept only in this browser, under one name of its storage.
// Every part of a page that keeps something goes through `study`; nothing leaves the browser.
"use strict";
const study = (() => {
  const KEY = "descent.progress";
  const VERSION = 1;
  const LIMIT = 10_000;
  const NAME = /^[a-z]\w{0,80}\.[a-z]\w{0,80}$/;
  const FIGURE = /^[a-z]\w{0,80}(\/[a-z]\w{0,80})?$/;
  const SECTION = /^[\w-]+(\/[\w-]+)*#[\w.-]{1,200}$/;

  const blank = () => ({
    book: "descent", version: VERSION, sections: {}, passed: {}, predictions: {}, guesses: {},
  });

  const refuse = (reason) => {
    throw new TypeError(reason);
  };
  const isObject = (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const isDate = (value) =>
    typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]{5,12}Z$/.test(value)
    && !Number.isNaN(Date.parse(value));
  const isAnswer = (value) =>
    Number.isFinite(value) || (typeof value === "string" && value.length <= 80);

  const only = (value, names, what) => {
    if (!isObject(value)) refuse(`${what} is not a record`);
    const extra = Object.keys(value).find((name) => !names.includes(name));
    if (extra !== undefined) refuse(`${what} has an unknown part “${extra.slice(0, 40)}”`);
  };

  function said(value, what) {
    only(value, ["prediction", "sure", "right", "at"], what);
    const { prediction, sure, right, at } = value;
    if (!isAnswer(prediction)) refuse(`${what} holds no answer`);
    if (!Number.isInteger(sure) || sure < 0 || sure > 100) refuse(`${what} is not 0 to 100 % sure`);
    if (typeof right !== "boolean") refuse(`${what} is neither right nor wrong`);
    if (!isDate(at)) refuse(`${what} has no date`);
    return { prediction, sure, right, at };
  }

  function guessed(value, what) {
    only(value, ["prediction", "right", "verdict", "at"], what);
    const { prediction, right, verdict, at } = value;
    if (!Number.isFinite(prediction)) refuse(`${what} holds no number`);
    if (typeof right !== "boolean") refuse(`${what} is neither right nor wrong`);
    if (typeof verdict !== "string" || verdict.length > 400) refuse(`${what} has no verdict`);
    if (!isDate(at)) refuse(`${what} has no date`);
    return { prediction, right, verdict, at };
  }

  function entries(value, pattern, what, read) {
    if (!isObject(value)) refuse(`“${what}” is not a record`);
    const found = Object.entries(value);
    if (found.length > LIMIT) refuse(`“${what}” has more than ${LIMIT} entries`);
    return Object.fromEntries(found.map(([name, entry]) => {
      if (!pattern.test(name)) refuse(`“${what}” names “${name.slice(0, 40)}”`);
      return [name, read(entry, `“${name}”`)];
    }));
  }

  // Returns a clean copy of a record, or throws a TypeError with the reason.
  function validate(value) {
    if (!isObject(value) || value.book !== "descent") refuse("it is not a record of this book");
    if (value.version !== VERSION) {
      refuse(`it is of version ${String(value.version).slice(0, 20)}; this book reads ${VERSION}`);
    }
    only(value, Object.keys(blank()), "the record");
    const date = (entry, what) => (isDate(entry) ? entry : refuse(`${what} has no date`));
    return {
      ...blank(),
      sections: entries(value.sections, SECTION, "sections", date),
      passed: entries(value.passed, NAME, "passed", date),
      predictions: entries(value.predictions, NAME, "predictions", (entry, what) => {
        only(entry, ["first", "last"], what);
        const last = entry.last === null ? null : said(entry.last, what);
        return { first: said(entry.first, what), last };
      }),
      guesses: entries(value.guesses ?? {}, FIGURE, "guesses", guessed),
    };
  }

  function parse(text) {
    if (text.length > 2e6) refuse("it is larger than two megabytes");
    let value;
    try {
      value = JSON.parse(text);
    } catch {
      return refuse("it is not JSON");
    }
    return validate(value);
  }

  // A browser may forbid storage (private windows, pages from disk): then the record lasts for
  // the visit, and `note` says so in one line.
  let fallback = null;
  let note = "";

  function read() {
    if (fallback) return fallback;
    let text;
    try {
      text = localStorage.getItem(KEY);
    } catch {
      fallback = blank();
      note = "This browser keeps nothing for this page: what you enter lasts until you leave it.";
      return fallback;
    }
    if (text === null) return blank();
    try {
      return parse(text);
    } catch (error) {
      note = `What this browser had kept cannot be read (${error.message}); it begins anew.`;
      return blank();
    }
  }

  // `edit` changes the record it gets. Read and written in one go, so that two open pages of the
  // book do not overwrite each other.
  function change(edit) {
    const record = read();
    edit(record);
    try {
      if (!fallback) localStorage.setItem(KEY, JSON.stringify(record));
    } catch {
      fallback = record;
      note = "This browser has no room to keep this: it lasts until you leave the page.";
    }
    return record;
  }

  function erase() {
    if (fallback) fallback = blank();
    else localStorage.removeItem(KEY);
    note = "";
  }

  // Takes what `from` has and `into` lacks; of two dates the earlier one stays, and of two
  // predictions the first one.
  function merge(into, from) {
    for (const kind of ["sections", "passed"]) {
      for (const [name, at] of Object.entries(from[kind])) {
        if (!(into[kind][name] < at)) into[kind][name] = at;
      }
    }
    for (const [name, theirs] of Object.entries(from.predictions)) {
      const ours = into.predictions[name] ?? theirs;
      const first = ours.first.at <= theirs.first.at ? ours.first : theirs.first;
      into.predictions[name] = { first, last: ours.last ?? theirs.last };
    }
    for (const [name, theirs] of Object.entries(from.guesses)) {
      if (!(into.guesses[name]?.at < theirs.at)) into.guesses[name] = theirs;
    }
  }

  // The name of this page, as in `book/chapters/ill_conditioning`.
  function page() {
    const root = new URL(document.documentElement.dataset.content_root, location.href);
    return location.pathname.slice(root.pathname.length).replace(/\.html$/, "");
  }

  const now = () => new Date().toISOString();
  return { KEY, read, change, erase, parse, merge, page, now, note: () => (read(), note) };
})();
