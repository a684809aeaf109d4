// The frame of the book: theme, menu, search key, section marker, copy buttons. Every page reads
// well without it. A page opened from disk has no module scripts, hence one plain function.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  function keep(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch (error) {
      console.info("This browser keeps no settings:", error.name);
    }
  }

  function theme() {
    const button = document.querySelector(".theme-button");
    const show = (name) => {
      root.dataset.theme = name;
      button.setAttribute("aria-pressed", String(name === "dark"));
    };
    show(root.dataset.theme);
    button.addEventListener("click", () => {
      show(root.dataset.theme === "dark" ? "light" : "dark");
      keep("descent-theme", root.dataset.theme);
    });
    addEventListener("storage", (event) => {
      if (event.key === "descent-theme" && event.newValue) show(event.newValue);
    });
  }

  function menu() {
    const nav = document.getElementById("site-nav");
    const opener = document.querySelector(".menu-button");
    const toggle = (open) => {
      nav.classList.toggle("open", open);
      opener.setAttribute("aria-expanded", String(open));
      (open ? nav.querySelector(".close-nav") : opener).focus();
    };
    opener.setAttribute("role", "button");
    opener.setAttribute("aria-expanded", "false");
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      toggle(true);
    });
    nav.querySelector(".close-nav").addEventListener("click", (event) => {
      event.preventDefault();
      toggle(false);
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && nav.classList.contains("open")) toggle(false);
    });
    document.addEventListener("click", (event) => {
      const outside = !nav.contains(event.target) && !opener.contains(event.target);
      if (nav.classList.contains("open") && outside) toggle(false);
    });
    const here = nav.querySelector("a.current[href='#']");
    requestAnimationFrame(() => here?.scrollIntoView({ block: "nearest" }));
  }

  function searchKey() {
    const field = document.querySelector(".search-box input");
    addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      const asked = event.key === "/" || (event.key === "k" && (event.ctrlKey || event.metaKey));
      if (!asked || (typing && event.key === "/") || !field.offsetParent) return;
      event.preventDefault();
      field.focus();
      field.select();
    });
  }

  function sectionMarker() {
    const links = new Map(all(".page-toc a[href^='#']").map((a) => [a.hash.slice(1), a]));
    const headings = all(".bd-article section[id]").filter((section) => links.has(section.id));
    if (!headings.length) return;
    const visible = new Set();
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        visible[isIntersecting ? "add" : "delete"](target);
      }
      const here = headings.filter((section) => visible.has(section)).at(-1);
      for (const [id, link] of links) {
        if (here && id === here.id) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    }, { rootMargin: "-10% 0px -70% 0px" });
    headings.forEach((section) => observer.observe(section));
  }

  function copyButtons() {
    if (!navigator.clipboard) return;
    for (const block of all(".bd-article .highlight").filter((el) => el.querySelector("pre"))) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button copy-button";
      button.setAttribute("aria-label", "Copy this code");
      button.innerHTML = '<span class="icon icon-copy" aria-hidden="true"></span>';
      button.addEventListener("click", async () => {
        const icon = button.firstElementChild;
        try {
          await navigator.clipboard.writeText(block.querySelector("pre").textContent);
          button.classList.add("copied");
          icon.className = "icon icon-check";
        } catch (error) {
          button.setAttribute("aria-label", `The browser refused to copy: ${error.name}`);
          icon.className = "icon icon-close";
        }
        setTimeout(() => {
          button.classList.remove("copied");
          icon.className = "icon icon-copy";
        }, 1500);
      });
      block.append(button);
    }
  }

  // What is wider than its box scrolls in it, by the arrow keys too.
  function scrollers() {
    const kinds = "pre, .katex-display, .pst-scrollable-table-container, .output.text_html";
    const boxes = all(kinds, document.querySelector(".bd-article"));
    // All are measured before any is changed: the page is laid out once.
    const check = (some) => {
      const wide = some.map((box) => box.scrollWidth > box.clientWidth);
      some.forEach((box, i) => (wide[i] ? (box.tabIndex = 0) : box.removeAttribute("tabindex")));
    };
    const watcher = new ResizeObserver((entries) => check(entries.map(({ target }) => target)));
    boxes.forEach((box) => watcher.observe(box));
    // Wider letters; a box that is not laid out yet is observed when it is.
    const near = (box) => box.checkVisibility({ contentVisibilityAuto: true });
    document.fonts.addEventListener("loadingdone", () => check(boxes.filter(near)));
  }

  // Paper has no clicks: everything that folds is printed open.
  function printing() {
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = all("details:not([open])");
      closed.forEach((details) => (details.open = true));
      all("img[loading=lazy]").forEach((image) => (image.loading = "eager"));
    });
    addEventListener("afterprint", () => closed.forEach((details) => (details.open = false)));
  }

  document.addEventListener("DOMContentLoaded", () => {
    [theme, menu, searchKey, sectionMarker, copyButtons, scrollers, printing].forEach((start) => start());
  });
})();
