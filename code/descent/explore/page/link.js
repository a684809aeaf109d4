// Settings in the address: #bowl=kappa:30,start:0.5;1&bowl.pin=kappa:3&valley=lr:0.001

const LIVE = new Map(); // Figures of the page that have started, by their short names.

const shortName = (spec) => spec.id.split("/").pop();
const parts = () => new URLSearchParams(location.hash.slice(1).replace(/\+/g, "%2B"));

/** Read one value; throw a reason where it is none of the control's. */
function linkedValue(control, text) {
  const found = text.split(";").map((part) => (part.trim() ? Number(part) : NaN));
  const ranges = control.kind === "point" ? [control.x, control.y] : [[control.values[0], control.values[control.values.length - 1]]];
  const inside = (v, [low, high]) => v >= low && v <= high;
  if (found.length !== ranges.length || !found.every((v, i) => inside(v, ranges[i])))
    throw new Error(`${control.label} cannot be “${text.slice(0, 40)}”`);
  return control.kind === "point" ? found : found[0];
}

/** Return the settings that the address holds under a name: null if none; throw if they are wrong. */
function readLink(spec, suffix = "") {
  const text = parts().get(shortName(spec) + suffix);
  if (text === null) return null;
  const found = {};
  for (const part of text.split(",")) {
    const [key, value = ""] = part.split(":"), control = spec.controls.find((c) => c.name === key);
    if (key === "step" && /^\d{1,6}$/.test(value) && Number(value) <= spec.steps) found.step = Number(value);
    else if (!control) throw new Error(`the figure has no setting “${key.slice(0, 40)}”`);
    else found[key] = linkedValue(control, value);
  }
  return found;
}

const linkText = (values) => Object.entries(values).map(([k, v]) => `${k}:${[v].flat().join(";")}`).join(",");

/** The address of the page with the settings of all figures; it opens at `first`. */
function makeLink(first) {
  const kept = parts(), lines = new Map();
  for (const figure of [first, ...LIVE.values()]) for (const [key, value] of figure.link()) { kept.delete(key); if (value) lines.set(key, value); }
  for (const [key, value] of kept) if (value) lines.set(key, value);
  const url = new URL(location.href);
  url.hash = [...lines].map(([key, value]) => `${key}=${value}`).join("&");
  return url.href;
}
