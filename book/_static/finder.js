// Search, beside the pages that Sphinx finds: glossary terms, claims and exercises, by kind.
"use strict";
// Excerpts are read from the pages, which a browser refuses for a page opened from disk.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
Documentation.TRANSLATIONS["Search Results"] = "Pages";
// Terms have their own group: Sphinx lists pages alone.
const setIndex = Search.setIndex;
Search.setIndex = (index) => setIndex({ ...index, objects: {}, indexentries: {} });
// An excerpt shows a formula once, as it is seen.
const htmlToText = Search.htmlToText;
Search.htmlToText = (html, anchor) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const formula of page.querySelectorAll(".katex-mathml")) formula.remove();
  return htmlToText(page.documentElement.outerHTML, anchor);
};
addEventListener("DOMContentLoaded", () => {
  const GROUPS = [
    ["Glossary", (entry) => entry.kind === "term"],
    ["Claims", (entry) => entry.kind === "claim"],
    ["Exercises and checks", () => true],
  ];
  const SHOWN = 5;
  const plain = (text) => text.normalize("NFKC").toLowerCase();
  const query = new URLSearchParams(location.search).get("q")?.trim() ?? "";
  const words = plain(query).split(/\s+/).filter(Boolean);
  const place = document.getElementById("finder-results");
  if (!words.length) return;

  const make = (name, attributes, ...children) => {
    const element = Object.assign(document.createElement(name), attributes);
    element.append(...children);
    return element;
  };

  // A word counts at the beginning of a word; a Chinese one anywhere, as it has no spaces.
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const patterns = escaped.map((word) => new RegExp(
    /^[\p{Script=Han}]/u.test(word) ? word : `(?<![\\p{L}\\p{N}])${word}`, "u"));

  // Returns 0 for no match; a match in the title is worth more than one in the text.
  function score(entry) {
    const title = plain(entry.title);
    const rest = plain(`${entry.text} ${entry.page}`);
    let sum = 0;
    for (const pattern of patterns) {
      const found = pattern.test(title) ? 3 : pattern.test(rest) ? 1 : 0;
      if (!found) return 0;
      sum += found;
    }
    return sum + title.split(" · ").includes(words.join(" ")) * 10;
  }

  function marked(text) {
    const either = new RegExp(patterns.map((pattern) => pattern.source).join("|"), "giu");
    const parts = [];
    let last = 0;
    for (const match of text.matchAll(either)) {
      parts.push(text.slice(last, match.index), make("mark", {}, match[0]));
      last = match.index + match[0].length;
    }
    return [...parts, text.slice(last)];
  }

  function item(entry) {
    const names = entry.title.split(" · ").flatMap((name, k) => {
      const lang = /\p{Script=Han}/u.test(name) ? "zh-Hans" : "";
      return [k ? " · " : "", make("span", lang ? { lang } : {}, ...marked(name))];
    });
    const link = make("a", { href: document.documentElement.dataset.content_root + entry.url },
      ...names);
    const kind = { term: "", claim: "" }[entry.kind] ?? `${entry.kind} · `;
    return make("li", {}, link,
      make("p", { className: "finder-place" }, kind + entry.page),
      make("p", { className: "context" }, ...marked(entry.text)));
  }

  function group(name, found) {
    const list = make("ul", { className: "search" }, ...found.slice(0, SHOWN).map(item));
    const part = make("section", {}, make("h2", {}, `${name} (${found.length})`), list);
    if (found.length > SHOWN) {
      const more = make("button", { type: "button", className: "finder-more" },
        `Show all ${found.length}`);
      more.addEventListener("click", () => {
        const added = found.slice(SHOWN).map(item);
        list.append(...added);
        more.remove();
        added[0].querySelector("a").focus();
      });
      part.append(more);
    }
    return part;
  }

  let rest = finderIndex.map((entry) => [score(entry), entry])
    .filter(([points]) => points)
    .sort(([a], [b]) => b - a)
    .map(([, entry]) => entry);
  const total = rest.length;
  for (const [name, belongs] of GROUPS) {
    const found = rest.filter(belongs);
    rest = rest.filter((entry) => !belongs(entry));
    if (found.length) place.append(group(name, found));
  }
  document.getElementById("finder-status").textContent = total
    ? `Terms, claims and exercises that match “${query}”: ${total}.`
    : `No term, claim or exercise matches “${query}”.`;
  for (const field of document.querySelectorAll("input[name=q]")) field.value = query;
});
