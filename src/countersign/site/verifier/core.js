/**
 * What verifying and signing share: canonical JSON (RFC 8785 of strings, safe integers, booleans and null), hashes and
 * trees (RFC 6962), Ed25519 keys and signatures, entries and commitments. Formats: docs/formats/record-*.md. SHA-256,
 * HMAC and Ed25519 are the browser's own. What does not hold throws `Refused`, with one sentence; what this browser
 * cannot do throws `Unable`, and then nothing is said about the file.
 */

/** The evidence is wrong, or a file is not in its one valid form. */
export class Refused extends Error {}
/** This browser lacks what the check needs; nothing is said about the file. */
export class Unable extends Error {}
export const refuse = (why) => { throw new Refused(why); };

/** Declarations of the program, put in by the page: forms of texts, the record's own schemas by digest, words. */
export const declared = { forms: {}, own: {}, words: {}, clock: {}, orders: {}, schemas: {} };

// Bytes and texts -----------------------------------------------------------------------------------------------------

const encoder = new TextEncoder();
export const encode = (text) => encoder.encode(text);
const text8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
export function decode(bytes) {
  try { return text8.decode(bytes); } catch { return refuse('it is not valid UTF-8'); }
}
export function latin(bytes) {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
export function octets(text) {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
export const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** The bytes of several arrays, one after the other. */
export function join(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => { all.set(part, at); return at + part.length; }, 0);
  return all;
}

export const base64 = (bytes) => btoa(latin(bytes));
/** The bytes of the one canonical base64 spelling, `length` of them where given. */
export function unbase64(text, length) {
  let bytes = null;
  try { bytes = octets(atob(text)); } catch { /* refused below */ }
  if (bytes === null || base64(bytes) !== text) refuse(`${show(text)} is not the canonical base64 of any bytes`);
  return length === undefined || bytes.length === length ? bytes : refuse(`${show(text)} holds ${bytes.length} bytes`);
}

/** A number as the formats spell it, below 2^63, as a BigInt. */
export function decimal(text) {
  if (/^(0|[1-9][0-9]{0,18})$/.test(text) && BigInt(text) < 1n << 63n) return BigInt(text);
  return refuse(`${show(text)} is not a decimal number without leading zeroes below 2^63`);
}

const BREAKS = /[\t-\r\u001c-\u001f\u0085\u2028\u2029]+/g;
const HIDDEN = new RegExp('[\\p{Cc}\\p{Cf}\\p{Cs}\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u2065\\u2800'
  + '\\u3164\\ufe00-\\ufe0f\\uffa0\\ufdd0-\\ufdef\\u{e0000}-\\u{e0fff}\\ufff0-\\ufff8\\ufffe\\uffff]', 'gu');
/** Any text on one line, with what cannot be seen or turns the direction of reading written out: `[U+202E]`. */
export const visible = (text) => text.replace(BREAKS, ' ').replace(
  HIDDEN, (sign) => `[U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`);
export const show = (text) => `'${visible(String(text).slice(0, 60))}${String(text).length > 60 ? '…' : ''}'`;
export const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ',');
/** A count with its noun: "1,200 entries". */
export const counted = (number, one, many) => `${grouped(number)} ${
  number === 1 ? one : many ?? (one.endsWith('y') ? `${one.slice(0, -1)}ies` : `${one}s`)}`;
export const short = (digits) => (digits.length <= 16 ? digits : `${digits.slice(0, 16)}…`);

// Canonical JSON ------------------------------------------------------------------------------------------------------

/** The one text of a value: RFC 8785 without fractions, keys short and ASCII, at most 16 deep. */
export function render(value, depth = 0) {
  if (depth > 16) refuse('nested more than 16 deep');
  if (typeof value === 'string') return /\p{Cs}/u.test(value) ? refuse('half a surrogate pair') : JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? String(value) : refuse('a number that is no integer within 2^53');
  }
  if (Array.isArray(value)) return `[${value.map((part) => render(part, depth + 1)).join(',')}]`;
  const keys = Object.keys(value).sort();
  const odd = keys.find((key) => !/^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,127}$/.test(key));
  if (odd !== undefined) refuse(`the key ${show(odd)} is not a short ASCII name`);
  return `{${keys.map((key) => `"${key}":${render(value[key], depth + 1)}`).join(',')}}`;
}

/** The value of canonical JSON text. */
export function parse(text) {
  let value;
  try { value = JSON.parse(text); } catch { refuse('it is not JSON'); }
  return render(value) === text ? value : refuse('JSON, but not in its canonical form');
}

// Hashes, trees, signatures -------------------------------------------------------------------------------------------

export function subtle() {
  if (globalThis.crypto?.subtle) return globalThis.crypto.subtle;
  throw new Unable('This browser offers no cryptography to a page opened so: save it and open it from disk.');
}
export const sha256 = async (bytes) => new Uint8Array(await subtle().digest('SHA-256', bytes));
/** RFC 6962 section 2.1; hashes are held in base64, and nodes that were worked out are remembered. */
export const leafHash = async (bytes) => base64(await sha256(join([0], bytes)));
async function nodeHash(left, right, known) {
  const made = base64(await sha256(join([1], unbase64(left, 32), unbase64(right, 32))));
  known.set(left + right, made);
  return made;
}

/** Leaf hash `leaf` is at `index` of the tree of `size` leaves under `root` (RFC 9162 section 2.1.3.2). */
export async function checkInclusion(leaf, index, size, proof, root, known = new Map()) {
  const name = `the inclusion proof of entry ${index} in ${size}`;
  if (BigInt(index) >= BigInt(size)) refuse(`${name}: there is no such entry`);
  let value = leaf, used = 0;
  for (let at = BigInt(index), last = BigInt(size) - 1n; last > 0n; at >>= 1n, last >>= 1n) {
    if (!(at & 1n) && at === last) continue;
    if (used === proof.length) refuse(`${name}: it has too few hashes`);
    const [left, right] = at & 1n ? [proof[used], value] : [value, proof[used]];
    value = known.get(left + right) ?? await nodeHash(left, right, known);
    used += 1;
  }
  if (used !== proof.length) refuse(`${name}: it has too many hashes`);
  if (value !== root) refuse(`${name}: it leads to another root`);
}

/** The root over leaf hashes, as of a sealed set. */
export async function treeRoot(leaves) {
  if (leaves.length < 2) return leaves[0] ?? base64(await sha256(new Uint8Array()));
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return nodeHash(await treeRoot(leaves.slice(0, half)), await treeRoot(leaves.slice(half)), new Map());
}

const P = (1n << 255n) - 19n;
const power = (base, times) => {
  let made = 1n;
  for (let b = base % P, n = times; n > 0n; n >>= 1n, b = (b * b) % P) if (n & 1n) made = (made * b) % P;
  return made;
};
const inverse = (number) => power(number, P - 2n);
const D = ((P - 121665n) * inverse(121666n)) % P;
const ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const held = new Map();

/** Hold the 32 bytes of a public key to be canonical, on the curve, and not of low order (RFC 8032 section 5.1.2). */
export function holdKey(bytes, name) {
  const id = hex(bytes);
  if (held.has(id)) return id;
  if (bytes.length !== 32) refuse(`${name}: it has ${bytes.length} bytes, not 32`);
  const y = BigInt(`0x${hex(bytes.slice().reverse())}`) & ((1n << 255n) - 1n);
  if (y >= P) refuse(`${name}: the same key has another spelling`);
  if ([0n, 1n, P - 1n, ORDER_8, P - ORDER_8].includes(y)) refuse(`${name}: it is of low order: no signature counts`);
  const square = ((y * y + P - 1n) * inverse(D * y * y + 1n)) % P;
  if (power(square, (P - 1n) / 2n) !== 1n) refuse(`${name}: no point of the curve has this y coordinate`);
  held.set(id, null);
  return id;
}

/** The browser's key for 32 bytes that hold. */
async function publicKey(bytes) {
  const id = holdKey(bytes, `the Ed25519 public key ${hex(bytes).slice(0, 16)}…`);
  if (held.get(id) === null) {
    held.set(id, await subtle().importKey('raw', bytes, 'Ed25519', true, ['verify']).catch(() => {
      throw new Unable('This browser cannot check Ed25519 signatures: use a newer one, or `countersign verify`.');
    }));
  }
  return held.get(id);
}

/** `key` has signed `bytes`, or `why`. */
export async function checkSignature(key, signature, bytes, why) {
  if (!await subtle().verify('Ed25519', await publicKey(key), signature, bytes)) refuse(why);
}

// Entries and commitments ---------------------------------------------------------------------------------------------

const patterns = new Map();
/** Whether a text is of one of the named forms of `entries/forms.py`; days must be in the calendar. */
export function fits(form, text) {
  const [pattern, longest] = declared.forms[form];
  if (!patterns.has(pattern)) patterns.set(pattern, new RegExp(pattern, 'u'));
  if ([...text].length > longest || !patterns.get(pattern).test(text)) return false;
  if (!['date', 'hour', 'time'].includes(form)) return true;
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10));
}

export const SUPPLIERS = ['force', 'engine', 'observer', 'outside'];
const ENTRY_FIELDS = 'at facts key kind log role schema sealed sig subject supplied_by v';
const FORMS_OF_FIELDS = { log: 'origin', subject: 'subject', role: 'token', kind: 'token', key: 'digest', at: 'time' };
export const PREFIX = 'countersign-entry/v1\n';

/** An entry of its canonical text, checked for form. Proves nothing. */
export function parseEntry(text) {
  if (encode(text).length > 65535) refuse('an entry is longer than 65,535 bytes');
  const entry = parse(text);
  if (!isObject(entry) || Object.keys(entry).sort().join(' ') !== ENTRY_FIELDS) {
    refuse(`an entry has the fields ${ENTRY_FIELDS}`);
  }
  if (entry.v !== 1 || !Number.isInteger(entry.schema) || entry.schema < 1) {
    refuse('an entry of a version that is not read here');
  }
  for (const [name, form] of Object.entries(FORMS_OF_FIELDS)) {
    if (typeof entry[name] !== 'string' || !fits(form, entry[name])) refuse(`an entry's ${name} is not of its form`);
  }
  if (!SUPPLIERS.includes(entry.supplied_by) || !isObject(entry.facts) || !isObject(entry.sealed)) {
    refuse('an entry is not of its form');
  }
  if (typeof entry.sig !== 'string') refuse("an entry's sig is a signature");
  unbase64(entry.sig, 64);
  for (const [label, says] of Object.entries(entry.sealed)) {
    const set = isObject(says) && Object.hasOwn(says, 'root'), wanted = set ? 'alg,count,root' : 'alg,commitment';
    const digest = set ? says.root : says?.commitment;
    const counts = !set || (Number.isInteger(says.count) && says.count >= 1 && says.count <= 1 << 24);
    const named = isObject(says) && Object.keys(says).sort().join() === wanted && says.alg === 'hmac-sha256.1';
    if (!named || !counts || typeof digest !== 'string' || !fits('digest', digest)) {
      refuse(`sealed.${label} is no commitment`);
    }
  }
  return entry;
}

/** The bytes an entry's signature covers: `countersign-entry/v1`, a newline, its canonical bytes without `sig`. */
export function signedBytes(entry) {
  const { sig: _, ...rest } = entry;
  return encode(PREFIX + render(rest));
}

/** The commitment (bytes) to a content under a label. */
export async function commitment(label, version, content, opening) {
  if (opening.length !== 32) refuse(`${show(label)}: an opening has 32 bytes`);
  const key = await subtle().importKey('raw', opening, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const message = join(encode(`${label}\n${version}\n`), await sha256(content));
  return new Uint8Array(await subtle().sign('HMAC', key, message));
}
