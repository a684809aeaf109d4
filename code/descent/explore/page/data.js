// The shipped numbers: opened once, each array decoded when a signal first asks for it. Whatever the
// bytes and their header say, the outcome is an array of numbers or an Error with one line.

const CODES = { NaN: 0, minus: 1, plus: 2, first: 3 }, FLOAT_BYTES = { float16: 2, float32: 4, float64: 8 };
const MOST_NUMBERS = 2 ** 24, MOST_DIFFERENCES = 8;

/** Return n if it can be the length of an array. */
function lengthOf(n) {
  if (!Number.isInteger(n) || n < 0 || n > MOST_NUMBERS) throw new Error(`${n} is no length of a list of numbers`);
  return n;
}

const product = (shape) => lengthOf(shape.reduce((a, b) => a * lengthOf(b), 1));

const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** Check the shipped bytes before anything reads them; return array(name), its shape and values. */
function openData(view, header) {
  if (view.byteLength !== header.bytes) throw new Error(`the shipped data has ${view.byteLength} bytes, not ${header.bytes}`);
  const bytes = bytesOf(view), decoded = new Map();
  let a = 1, b = 0;
  for (const byte of bytes) { a = (a + byte) % 65521; b = (b + a) % 65521; }
  if (((b << 16) | a) >>> 0 !== header.adler32) throw new Error("the shipped data is damaged");
  return (name) => {
    if (!decoded.has(name)) decoded.set(name, unpack(bytes, header.arrays, name));
    return decoded.get(name);
  };
}

/** Read one array; descent/explore/packing.py describes the codes. */
function unpack(bytes, entries, name) {
  const entry = Object.hasOwn(entries, name) && entries[name];
  if (!entry) throw new Error(`the shipped data lacks “${name}”`);
  const size = lengthOf(entry.bytes), from = lengthOf(entry.offset), count = product(entry.shape);
  const bits = entry.code === "steps" ? 1 : 8 * FLOAT_BYTES[entry.code];
  if (!bits) throw new Error(`“${name}” has the unknown code ${entry.code}`);
  if (from + size > bytes.length || count * bits > 8 * size) throw new Error(`“${name}” reaches beyond the end of the shipped data`);
  const block = bytes.subarray(from, from + size);
  const values = entry.code === "steps" ? readSteps(block, entry, count) : readFloats(block, entry.code, count);
  return { shape: entry.shape, values };
}

function readFloats(block, code, count) {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength), width = FLOAT_BYTES[code];
  const read = { 2: (at) => half(view.getUint16(at, true)), 4: (at) => view.getFloat32(at, true), 8: (at) => view.getFloat64(at, true) }[width];
  return Float64Array.from({ length: count }, (_, i) => read(i * width));
}

/** The number of 16 bits: sign, five bits of exponent, ten of fraction. */
function half(h) {
  const exponent = (h >> 10) & 31, fraction = h & 1023, sign = h >> 15 ? -1 : 1;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24);
}

function readSteps(block, { order, along, shape, low, step, log }, count) {
  if (along.length > MOST_DIFFERENCES) throw new Error("the shipped data is damaged");
  const codes = readBits(block, count, lengthOf(order), along.length > 0);
  for (const axis of [...along].reverse()) addUp(codes, shape, axis);
  return Float64Array.from(codes, (code) => {
    if (code < CODES.first) return code === CODES.plus ? Infinity : code === CODES.minus ? -Infinity : NaN;
    const value = low + (code - CODES.first) * step;
    return log ? Math.exp(value) : value;
  });
}

/** Exponential Golomb codes, folded if `signed`; see descent/explore/bits.py. */
function readBits(block, count, order, signed) {
  const codes = new Int32Array(count), end = 8 * block.length;
  let at = 0;
  const bit = () => {
    if (at >= end) throw new Error("the shipped data ends too early");
    return (block[at >> 3] >> (7 - (at++ & 7))) & 1;
  };
  for (let i = 0; i < count; i++) {
    let more = order, value = 1;
    while (!bit()) more++;
    if (more > 31) throw new Error("the shipped data is damaged");
    while (more--) value = 2 * value + bit();
    value -= 2 ** order;
    codes[i] = !signed ? value : value % 2 ? -(value + 1) / 2 : value / 2;
  }
  return codes;
}

/** Undo differences along one axis. */
function addUp(codes, shape, axis) {
  if (!(axis >= 0 && axis < shape.length)) throw new Error("the shipped data is damaged");
  const stride = product(shape.slice(axis + 1)), block = stride * shape[axis];
  for (let i = 0; i < codes.length; i++) if (i % block >= stride) codes[i] += codes[i - stride];
}
