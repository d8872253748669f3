/**
 * Signing in a browser. A desk serves `core.js`, `words.js` and this file as they are, puts `declarations` (page.py,
 * with `kinds`) into `declared`, and calls:
 *
 *   makeKey(name)            a new key, which cannot be taken out of this browser: {id, name, printed, publicKey}
 *   keys()                   the keys that this browser holds
 *   forgetKey(id)            forget one
 *   readDraft(text, now)     a draft (countersign-draft/1, docs/formats/drafts.md), with what it says in words
 *   sign(draft, id)          the signed entries, one a line, to hand back to the keeper
 *
 * `readDraft` takes its words from the very bytes that `sign` signs, and works out every commitment again from the
 * values that it shows. A page that the server altered can show other words than it signs: keys made here are marked
 * *browser*, and signers look at `signed-by`. Whatever does not hold throws `Refused` with one sentence; what this
 * browser cannot do throws `Unable`.
 */

import {
  PREFIX, Unable, base64, commitment, declared, decode, encode, hex, isObject, join, leafHash, parse, parseEntry,
  refuse, render, sha256, short, signedBytes, subtle, treeRoot, unbase64, visible,
} from './core.js';
import { describe, rowsOf } from './words.js';

const NO_SIGNATURE = base64(new Uint8Array(64));
const FIELDS = 'at_fixed entries expires_at format log profile size';
const VALUE_FIELDS = 'content label opening position';

// Keys ----------------------------------------------------------------------------------------------------------------

/** One request to the keys that this browser keeps for this site. */
const kept = (mode, ask) => new Promise((done, fail) => {
  const failed = () => fail(new Unable('This browser keeps no keys for this page, as in a private window.'));
  const opening = indexedDB.open('countersign', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('keys', { keyPath: 'id' });
  opening.onerror = failed;
  opening.onsuccess = () => {
    const asked = ask(opening.result.transaction('keys', mode).objectStore('keys'));
    asked.onsuccess = () => { opening.result.close(); done(asked.result); };
    asked.onerror = failed;
  };
});

const shownKey = ({ id, name, printed, publicKey }) => ({ id, name, printed, publicKey });

/**
 * Make a key that signs entries. Its private half cannot be exported, by this page either; it lies in this browser's
 * IndexedDB until the site's data are deleted.
 * @param {string} name as a verifier key is named: no blank and no plus
 * @returns {Promise<{id: string, name: string, printed: string, publicKey: string}>} `id` as entries name the key (the
 *   SHA-256 of its 32 bytes, hex), `printed` as `countersign key` prints it, which is what people compare and enrol
 */
export async function makeKey(name) {
  if (!/^[!-*,-~]+$/.test(name)) refuse('a key is named without blanks and plus signs');
  const pair = await subtle().generateKey('Ed25519', false, ['sign', 'verify']).catch(() => {
    throw new Unable('This browser cannot make Ed25519 keys: use a newer one, or `countersign draft sign`.');
  });
  const bytes = new Uint8Array(await subtle().exportKey('raw', pair.publicKey)), typed = join([1], bytes);
  const short4 = hex(await sha256(join(encode(`${name}\n`), typed))).slice(0, 8);
  const id = hex(await sha256(bytes)), printed = `${name}+${short4}+${base64(typed)}`;
  const key = { id, name, printed, publicKey: base64(bytes) };
  await kept('readwrite', (store) => store.add({ ...key, privateKey: pair.privateKey }));
  await navigator.storage?.persist?.();
  return key;
}

/** The keys that this browser holds for this site, without their private halves. */
export const keys = async () => (await kept('readonly', (store) => store.getAll())).map(shownKey);

/** Forget a key: nothing can be signed with it any more. */
export const forgetKey = (id) => kept('readwrite', (store) => store.delete(id));

// Drafts --------------------------------------------------------------------------------------------------------------

const has = (value, fields) => isObject(value) && Object.keys(value).sort().join(' ') === fields;
/** What a draft's unsigned bytes say. */
const said = (bytes) => parse(decode(bytes).slice(PREFIX.length));

/** What `readDraft` gave, with the bytes that are signed: a page cannot change them in between. */
const drafts = new WeakMap();

/**
 * A draft in words, each commitment worked out again from the value shown.
 * @param {string} text the draft's file
 * @param {Date} now the moment the entries speak for, where the draft leaves it open
 * @returns {Promise<{log: string, key: string, expiresAt: string, entries: {title: string, kind: string,
 *   rows: [string, string][]}[]}>} `key` is the id of the key it is for; `rows` are names and texts to be shown as text
 */
export async function readDraft(text, now) {
  let raw = null;
  try { raw = JSON.parse(text); } catch { refuse('this is not a draft'); }
  const whole = has(raw, FIELDS) && raw.format === 'countersign-draft/1' && typeof raw.at_fixed === 'boolean';
  if (!whole || typeof raw.expires_at !== 'string' || !Array.isArray(raw.entries) || !raw.entries.length) {
    refuse('this is not a draft of a form that is read here (countersign-draft/1)');
  }
  const at = raw.at_fixed ? null : now.toISOString().replace(/\.\d+Z$/, 'Z'), entries = [], unsigned = [];
  for (const each of raw.entries) {
    const entry = await drafted(each, raw.log);
    const bytes = signedBytes(at === null ? entry : moved(entry, at));
    unsigned.push(bytes);
    entries.push(wordsOf(said(bytes), each.values));
  }
  const [{ key, at: first }] = raw.entries.map(({ entry }) => entry);
  if (raw.entries.some(({ entry }) => entry.key !== key || entry.at !== first)) {
    refuse('one act has one key and one time');
  }
  const draft = { log: raw.log, key, expiresAt: raw.expires_at, entries };
  drafts.set(draft, { key, unsigned });
  return draft;
}

/** One entry of a draft, held to its form and to the values it seals. */
async function drafted(raw, log) {
  if (!has(raw, 'entry values') || !isObject(raw.entry) || 'sig' in raw.entry || !Array.isArray(raw.values)) {
    refuse('an entry of the draft is signed already, or is not of its form');
  }
  const entry = parseEntry(render({ ...raw.entry, sig: NO_SIGNATURE }));
  if (entry.log !== log) refuse(`an entry is of another log than ${log}`);
  const known = (value) => has(value, VALUE_FIELDS) && Object.hasOwn(entry.sealed, value.label);
  if (!raw.values.every(known)) refuse('a value stands under no label of the entry, or is not of its form');
  for (const [label, says] of Object.entries(entry.sealed)) {
    const values = raw.values.filter((value) => value.label === label);
    if (values.length !== (says.count ?? 1) || values.some((value, place) => value.position !== place)) {
      refuse(`the values under ${label} are not all there, in order`);
    }
    const made = await Promise.all(values.map(({ content, opening }) => {
      return commitment(label, 1, encode(render(content)), unbase64(opening, 32));
    }));
    const root = says.root && hex(unbase64(await treeRoot(await Promise.all(made.map(leafHash)))));
    if ((root ?? hex(made[0])) !== (says.root ?? says.commitment)) {
      refuse(`what is sealed under ${label} is not the value shown: sign nothing, and ask for the draft again`);
    }
  }
  return entry;
}

/** The entry for another moment, in the field too that says when it happened. */
function moved(entry, at) {
  const clock = declared.clock[entry.kind], facts = { ...entry.facts };
  if (clock !== undefined && facts[clock] === entry.at) facts[clock] = at;
  return { ...entry, at, facts };
}

function wordsOf(entry, values) {
  const schema = declared.schemas[`${entry.kind}/${entry.schema}`], sealed = schema?.['x-sealed'] ?? {};
  const rows = describe(entry, schema);
  for (const { label, content } of values) {
    rows.push(...rowsOf(content, sealed[label]?.content).map((text) => [`under seal, ${label}`, text]));
  }
  const shown = rows.map((row) => row.map(visible));
  return { title: schema?.title ?? entry.kind, kind: `${entry.kind}, version ${entry.schema}`, rows: shown };
}

/**
 * Sign what `readDraft` has shown, with a key of this browser.
 * @param {object} draft as `readDraft` gave it
 * @param {string} id the key's id
 * @returns {Promise<string>} the signed entries, one a line, as `countersign draft append` takes them
 */
export async function sign(draft, id) {
  const { key, unsigned } = drafts.get(draft) ?? refuse('sign only what was read and shown here');
  if (key !== id) refuse(`the draft is for the key ${short(key)}, and this is the key ${short(id)}`);
  const mine = await kept('readonly', (store) => store.get(id)) ?? refuse(`this browser does not hold the key ${id}`);
  const lines = await Promise.all(unsigned.map(async (bytes) => {
    const sig = base64(new Uint8Array(await subtle().sign('Ed25519', mine.privateKey, bytes)));
    return `${render({ ...said(bytes), sig })}\n`;
  }));
  return lines.join('');
}
