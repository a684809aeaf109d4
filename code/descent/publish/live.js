// Code cells that run: buttons below each to run and to change it, one kernel for the page.
// Only `make live` sends this script; the pages of the book know nothing of it.
"use strict";
(() => {
  // Exercises stand alone: each needs the cells of the sections around it, no other exercise.
  const ALONE = /\/exercises\/[^/]*$/.test(location.pathname);
  const ANSI = /\x1b\[[0-9;]*m/g;

  const make = (tag, attributes = {}, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };

  /** Send a request to Jupyter's server; the token's cookie and its proof go with it. */
  async function ask(method, path, body) {
    const proof = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "";
    const answer = await fetch(`/api/kernels${path}`, {
      method,
      headers: { "Content-Type": "application/json", "X-XSRFToken": proof },
      body: body && JSON.stringify(body),
      keepalive: method === "DELETE",
    });
    if (!answer.ok) throw new Error(`the server answered ${answer.status} ${answer.statusText}`);
    return answer.status === 204 ? null : answer.json();
  }

  /** A kernel and its channel: `run` sends code, and `show` gets each output until it is idle. */
  class Kernel {
    static async start() {
      const kernel = new Kernel();
      kernel.id = (await ask("POST", "", { name: "python3" })).id;
      kernel.session = crypto.randomUUID();
      kernel.waiting = new Map();
      kernel.socket = new WebSocket(
        `ws://${location.host}/api/kernels/${kernel.id}/channels?session_id=${kernel.session}`);
      kernel.socket.onmessage = ({ data }) => {
        // A message in bytes carries the arrays of a figure, which stays as the page shows it.
        if (typeof data === "string") kernel.hear(JSON.parse(data));
      };
      kernel.socket.onclose = () => kernel.end(new Error("the kernel has ended"));
      await new Promise((done, fail) => {
        kernel.socket.onopen = done;
        kernel.socket.onerror = () => fail(new Error("the kernel cannot be reached"));
      });
      return kernel;
    }

    run(code, show) {
      const id = crypto.randomUUID();
      const header = {
        msg_id: id, session: this.session, username: "reader", date: new Date().toISOString(),
        msg_type: "execute_request", version: "5.3",
      };
      const content = {
        code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false,
        stop_on_error: true,
      };
      this.socket.send(JSON.stringify(
        { header, parent_header: {}, metadata: {}, content, buffers: [], channel: "shell" }));
      return new Promise((done, fail) => this.waiting.set(id, { show, done, fail, replied: false }));
    }

    hear({ header, parent_header: parent, content }) {
      if (header.msg_type === "status" && ["restarting", "dead"].includes(content.execution_state)) {
        return this.end(new Error("the kernel died; the next run starts another"));
      }
      const asked = this.waiting.get(parent.msg_id);
      if (!asked) return undefined;
      if (header.msg_type === "execute_reply") asked.replied = content.status;
      else if (header.msg_type === "status") asked.idle = content.execution_state === "idle";
      else asked.show(header.msg_type, content);
      if (asked.idle && asked.replied) {
        this.waiting.delete(parent.msg_id);
        asked.done(asked.replied === "ok");
      }
      return undefined;
    }

    interrupt() {
      return ask("POST", `/${this.id}/interrupt`);
    }

    end(error) {
      for (const { fail } of this.waiting.values()) fail(error);
      this.waiting.clear();
      this.ended = true;
    }
  }

  /** A place for new outputs, above what the page has stored. */
  class Output {
    constructor(index) {
      const label = `New output of code ${index + 1}`;
      const kind = ALONE ? "live-output live-words" : "live-output"; // What a check says may wrap.
      this.box = make("div", { class: kind, role: "group", "aria-label": label });
      this.box.hidden = true;
    }

    clear() {
      this.box.replaceChildren();
      this.box.hidden = true;
      this.stream = null;
    }

    show(kind, content) {
      if (kind === "stream") this.write(content);
      else if (kind === "error") this.put(make("pre", {}, content.traceback.join("\n").replace(ANSI, "")));
      else if (kind === "clear_output") this.clear();
      else if (content.data) this.put(Output.draw(content.data));
    }

    put(element) {
      this.box.hidden = false;
      if (element.matches("pre")) element.tabIndex = 0; // It may scroll.
      this.box.append(element);
      this.stream = null;
    }

    /** Add to a stream; what follows a carriage return replaces its line, as a terminal does. */
    write({ name, text }) {
      if (this.stream?.name !== name) {
        const pre = make("pre");
        this.put(pre);
        this.stream = { name, pre };
      }
      const { pre } = this.stream;
      pre.textContent = (pre.textContent + text).replace(/[^\n]*\r(?!\n)(?=[^\r\n])/g, "");
    }

    static draw(data) {
      const picture = ["image/png", "image/jpeg"].find((kind) => data[kind]);
      if (picture) {
        return make("img", { src: `data:${picture};base64,${data[picture].trim()}`, alt: data["text/plain"] ?? "" });
      }
      if (data["text/html"]) {
        const box = make("div");
        box.innerHTML = data["text/html"]; // From the reader's own kernel; scripts do not run.
        return box;
      }
      return make("pre", {}, data["text/plain"] ?? "");
    }
  }

  class Cell {
    constructor(element, index) {
      this.element = element;
      this.printed = element.querySelector(".cell_input pre");
      this.editor = make("textarea", { "aria-label": `Code ${index + 1}`, spellcheck: "false" });
      this.editor.hidden = true;
      this.printed.after(this.editor);
      this.output = new Output(index);
      this.button = make("button", { type: "button", "aria-label": `Run code ${index + 1}` }, "▶ Run");
      const change = make("button", { type: "button", "aria-label": `Change code ${index + 1}` }, "Change");
      this.status = make("span", { role: "status" });
      const bar = make("div", { class: "live-bar" });
      bar.append(this.button, change, this.status);
      element.querySelector(".cell_input").after(bar, this.output.box);
      this.button.addEventListener("click", () => (running ? stop() : run(this)));
      change.addEventListener("click", () => {
        const open = this.editor.hidden;
        this.editor.value = this.stored;
        this.grow();
        this.editor.hidden = !open;
        this.printed.hidden = open;
        change.textContent = open ? "Restore" : "Change";
        change.setAttribute("aria-label", `${change.textContent} code ${index + 1}`);
        if (open) this.editor.focus();
      });
      this.editor.addEventListener("input", () => this.grow());
      this.editor.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !(event.shiftKey || event.ctrlKey)) return;
        event.preventDefault();
        if (!running) run(this);
      });
    }

    grow() { this.editor.rows = this.editor.value.split("\n").length + 1; }

    get stored() { return this.printed.textContent.trimEnd(); }

    get text() { return this.editor.hidden ? this.stored : this.editor.value; }

    get isDue() { return this.ran !== this.text; }

    async execute(kernel) {
      const { text } = this;
      this.output.clear();
      this.status.textContent = "Running …";
      const passed = await kernel.run(text, (...message) => this.output.show(...message));
      this.ran = passed ? text : undefined;
      this.status.textContent = passed ? "Done." : "It ended with an error.";
      return passed;
    }
  }

  let kernel = null;
  let running = false;

  const stop = () => kernel?.interrupt();

  /** The cells that must have run before this one. */
  function before(cell) {
    const above = cells.slice(0, cells.indexOf(cell));
    return ALONE ? above.filter(({ element }) => element.parentElement.contains(cell.element)) : above;
  }

  function label(text) {
    cells.forEach(({ button }, index) => {
      button.textContent = text;
      button.setAttribute("aria-label", `${text.slice(2)} code ${index + 1}`);
    });
  }

  async function start() {
    if (kernel) ask("DELETE", `/${kernel.id}`).catch(() => {}); // What has ended may come back.
    for (const cell of cells) cell.ran = undefined;
    return Kernel.start();
  }

  /** An answer that passes prints a code: enter it in the form that follows. */
  function enterCode(cell) {
    const form = cell.element.nextElementSibling;
    if (!form?.matches("form.passed") || form.dataset.state === "right") return;
    const { code } = JSON.parse(form.dataset.passed);
    if (!cell.output.box.textContent.includes(code)) return;
    form.querySelector("input").value = code;
    form.requestSubmit();
  }

  async function run(cell) {
    running = true;
    label("■ Stop");
    cell.status.textContent = "Starting …";
    try {
      if (!kernel || kernel.ended) kernel = await start();
      const due = before(cell).filter((one) => one.isDue);
      let done = 0;
      for (const one of due) {
        cell.status.textContent = `Running the code above first: ${done += 1} of ${due.length} …`;
        if (!(await one.execute(kernel))) throw new Error("code above ended with an error");
      }
      await cell.execute(kernel);
      enterCode(cell);
    } catch (error) {
      cell.status.textContent = `It did not run: ${error.message}.`;
    }
    running = false;
    label("▶ Run");
  }

  const cells = [...document.querySelectorAll("div.cell")]
    .filter((element) => element.querySelector(".cell_input pre"))
    .map((element, index) => new Cell(element, index));
  addEventListener("pagehide", () => {
    if (kernel && !kernel.ended) ask("DELETE", `/${kernel.id}`).catch(() => {});
    kernel = null;
  });
})();
