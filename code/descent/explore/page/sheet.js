// The numbers of what is drawn, as tables that the reader opens.

const MOST_ROWS = 60, MOST_CELLS = 12;

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  return made;
}

/** Indices of at most `most` of n rows, evenly chosen, first and last among them. */
const thinned = (n, most) => (n <= most ? [...Array(n).keys()] : Array.from({ length: most }, (_, i) => Math.round((i * (n - 1)) / (most - 1))));

const axisText = (axis, v) => (axis.names ? axis.names[v] ?? "" : numberText(v, 4, true));

function tableOf(caption, head, rows, total) {
  const table = element("table");
  const note = rows.length < total ? ` (${rows.length} of ${total} rows)` : "";
  table.append(element("caption", caption + note));
  const top = table.createTHead().insertRow();
  for (const text of head) top.append(element("th", text, { scope: "col" }));
  const body = table.createTBody();
  for (const [first, ...rest] of rows) {
    const row = body.insertRow();
    row.append(element("th", first, { scope: "row" }));
    for (const text of rest) row.append(element("td", text));
  }
  return table;
}

function fieldTable(panel, m, names) {
  const { x, y, values } = fieldOf(names, m.field), cols = thinned(x.length, MOST_CELLS), rows = thinned(y.length, MOST_CELLS);
  const head = [`${panel.y.label} \\ ${panel.x.label}`, ...cols.map((c) => axisText(panel.x, x[c]))];
  const body = rows.map((r) => [axisText(panel.y, y[r]), ...cols.map((c) => numberText(values[r * x.length + c], 3))]);
  return tableOf(m.label || m.field, head, body, y.length);
}

const same = (a, b) => a.length === b.length && Array.prototype.every.call(a, (v, i) => Object.is(v, b[i]));
const titleOf = (m) => m.label || m.y || m.xy || m.of || m.kind;

/** One table for all marks over the same places, and one for each other mark. */
function* panelTables(panel, marks, names) {
  const groups = [];
  for (const m of marks) {
    if (m.field) { if (m.kind !== "iso") yield fieldTable(panel, m, names); continue; }
    const columns = columnsOf(names, m);
    if (!columns) continue;
    const [at, values] = m.transpose ? columns.reverse() : columns, axis = m.transpose ? panel.y : panel.x;
    const group = ["line", "bars"].includes(m.kind) && groups.find((g) => g.axis === axis && g.together && same(g.at, at));
    if (group) { group.marks.push(m); group.values.push(values); continue; }
    groups.push({ at, axis, other: axis === panel.x ? panel.y : panel.x, together: ["line", "bars"].includes(m.kind), marks: [m], values: [values] });
  }
  for (const { at, axis, other, together, marks: drawn, values } of groups) {
    const head = [axis.label, ...(together ? drawn.map(titleOf) : [other.label])];
    const rows = thinned(at.length, MOST_ROWS).map((i) => [axisText(axis, at[i]), ...values.map((column) => numberText(column[i], 4))]);
    yield tableOf(together ? panel.title : titleOf(drawn[0]), head, rows, at.length);
  }
}

/** Fill the box of a figure's tables. */
function fillSheet(box, figure) {
  box.replaceChildren(...figure.panels.flatMap((panel) => [...panelTables(panel.spec, panel.marks, figure.engine.names)]));
}
