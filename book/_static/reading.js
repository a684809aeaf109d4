// Notes which sections of a chapter were read: the end of the section has been on the screen, and
// the reader was in it for at least a second per twenty words.
"use strict";
(() => {
  const WORDS_PER_SECOND = 20;
  const unread = new Map();

  for (const section of document.querySelectorAll(".bd-article > section > section[id]")) {
    const name = `${study.page()}#${section.id}`;
    if (study.read().sections[name]) continue;
    const end = document.createElement("div");
    end.className = "section-end";
    section.append(end);
    const words = section.textContent.trim().split(/\s+/).length;
    unread.set(section, { name, end, left: words / WORDS_PER_SECOND, seen: false, ended: false });
  }

  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const section = unread.get(target);
      if (section) section.seen = isIntersecting;
      else if (isIntersecting && unread.has(target.parentElement)) {
        unread.get(target.parentElement).ended = true;
      }
    }
  });
  for (const [section, { end }] of unread) {
    observer.observe(section);
    observer.observe(end);
  }

  const clock = setInterval(() => {
    if (document.visibilityState !== "visible") return;
    for (const [section, state] of unread) {
      if (state.seen) state.left -= 1;
      if (!state.ended || state.left > 0) continue;
      study.change((record) => (record.sections[state.name] = study.now()));
      observer.unobserve(section);
      observer.unobserve(state.end);
      unread.delete(section);
    }
    if (!unread.size) clearInterval(clock);
  }, 1000);
})();
