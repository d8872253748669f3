/**
 * A second implementation of `countersign verify`, in a browser: a bundle, a proof or a checkpoint held to a policy,
 * offline, and what was proved and what was not, in the words of the command; a test holds the two together. That
 * nothing was altered since it was signed says nothing about whether it is true.
 */

import {
  base64, checkInclusion, checkSignature, commitment, counted, decode, encode, hex, isObject, latin, leafHash, octets,
  parse, parseEntry, refuse, render, sha256, short, show, unbase64, unhex,
} from './core.js';
import { Accounts } from './accounts.js';
import { Keyring, namesIn, parseSchema } from './keyring.js';
import { PROOF, checkCheckpoint, parseCheckpoint, parseNote, parsePolicy, parseProof } from './tlog.js';

/** How the lines after the first two begin, in the order of their kinds, and their fields. */
const PARTS = [['{"schema":', 'schema'], ['{"data":', 'data entry proof'],
  ['{"content":', 'content entry label opening position proof version']];
const COUNTS = ['bundle', 'entry', 'opened', 'position', 'size', 'version'];
const HEADS = { 1: 'audience bundle log size subject', 2: 'audience body bundle key log opened sig size subject' };

/** The object of a bundle's line, with exactly these fields, each of its type. */
function part(line, fields, number) {
  const value = parse(line), has = isObject(value) && Object.keys(value).sort().join(' ') === fields;
  const typed = (name) => {
    if (name === 'proof') return Array.isArray(value.proof) && (!value.proof.length || namesIn(value.proof));
    if (COUNTS.includes(name)) return Number.isInteger(value[name]) && value[name] >= 0;
    return typeof value[name] === 'string';
  };
  return has && fields.split(' ').every(typed) ? value : refuse(`line ${number} is not of its form`);
}

const LAST = /^\{"sha256":"([0-9a-f]{64})"\}\n$/;
/** The parts of a bundle, in its one valid form, whose last line fits the rest. Proves nothing. */
async function parseBundle(bytes) {
  const end = Math.max(0, bytes.length - 78), last = LAST.exec(latin(bytes.subarray(end)));
  if (last === null) refuse('the bundle has no last line with the SHA-256 of the rest');
  if (hex(await sha256(bytes.subarray(0, end))) !== last[1]) {
    refuse("the bundle's last line is not the SHA-256 of the lines before it: it was altered or cut");
  }
  const lines = decode(bytes.subarray(0, end)).split('\n');
  if (lines.pop() !== '' || lines.length < 2 || lines.length >= 1_000_000) {
    refuse('the bundle has too few lines or too many');
  }
  const version = parse(lines[0])?.bundle;
  if (version !== 1 && version !== 2) refuse('it does not begin with the header of version 1 or 2');
  const head = part(lines[0], HEADS[version], 1);
  const note = parseNote(encode(part(lines[1], 'checkpoint', 2).checkpoint));
  const body = bytes.subarray(encode(lines[0]).length + 1, end), parts = [[], [], []];
  let kind = 0;
  for (let at = 2; at < lines.length; at += 1) {
    while (kind < 3 && !lines[at].startsWith(PARTS[kind][0])) kind += 1;
    if (kind === 3) refuse(`line ${at + 1} is not of the kinds of a bundle in their order`);
    parts[kind].push(part(lines[at], PARTS[kind][1], at + 1));
  }
  const { origin, size } = parseCheckpoint(note.text);
  if (head.log !== origin || BigInt(head.size) !== size) {
    refuse('its header is of another log or size than its checkpoint');
  }
  const [schemas, entries, openings] = parts;
  if (version === 2 && head.opened !== openings.length) refuse('its header counts other openings than it holds');
  return { head, note, body, schemas, entries, openings };
}

const breathe = () => new Promise((done) => { setTimeout(done); });

/** A bundle held to a policy: entries in place, signed by keys that held their roles; openings fit. */
async function checkBundle(bundle, policy, progress) {
  const checkpoint = await checkCheckpoint(bundle.note, policy), { head } = checkpoint, { subject } = bundle.head;
  const schemas = new Map(), entries = new Map(), first = new Map(), repeated = [], nodes = new Map();
  for (const { schema: text } of bundle.schemas) {
    const schema = await parseSchema(text);
    if ((schemas.get(schema.name) ?? schema).digest !== schema.digest) {
      refuse(`${schema.name}: two different schemas of one version`);
    }
    schemas.set(schema.name, schema);
  }
  const keyring = new Keyring(head.origin, schemas);
  let before = -1;
  for (const [number, { data, entry: index, proof }] of bundle.entries.entries()) {
    if (index <= before) refuse('the entries are not in the order of their places in the log');
    before = index;
    await checkInclusion(await leafHash(encode(data)), index, head.size, proof, head.root, nodes);
    if (first.has(data)) repeated.push([index, first.get(data)]);
    else {
      first.set(data, index);
      const entry = parseEntry(data);
      await keyring.admit(index, entry);
      if (![subject, subject.split('/')[0]].includes(entry.subject) && !entry.kind.startsWith('record.')) {
        refuse(`entry ${index} is about ${entry.subject}, the bundle about ${show(subject)}`);
      }
      entries.set(index, entry);
    }
    if (number % 250 === 249) { await keyring.settle(); progress(number + 1, bundle.entries.length); await breathe(); }
  }
  await keyring.settle();
  for (const { name, digest } of schemas.values()) {
    if (keyring.adopted.get(name) !== digest) refuse(`the schema ${name} is not one the log adopted`);
  }
  const again = new Map(repeated), opened = [];
  for (const [at, given] of bundle.openings.entries()) {
    const last = bundle.openings[at - 1];
    const name = ['entry', 'label', 'position'].find((each) => given[each] !== last?.[each]);
    if (last && !(given[name] > last[name])) refuse('the openings are not in the order of entries, labels and items');
    await checkOpening(given, entries.get(again.get(given.entry) ?? given.entry));
    if (entries.has(given.entry)) opened.push(given);
  }
  if (bundle.head.bundle === 2) await checkKeeper(bundle, keyring);
  return { checkpoint, entries, schemas, repeated, opened, whole: BigInt(bundle.entries.length) === head.size };
}

async function checkOpening({ entry: index, label, position, version, content, opening, proof }, entry) {
  if (!entry || !Object.hasOwn(entry.sealed, label)) {
    refuse(`an opening is for ${show(label)} of entry ${index}, which committed to no such value`);
  }
  const says = entry.sealed[label], why = `${label} of entry ${index}: the content is not what was committed to`;
  const made = await commitment(label, version, unbase64(content), unbase64(opening));
  if (says.root === undefined) {
    if (position || proof.length || hex(made) !== says.commitment) refuse(why);
  } else await checkInclusion(await leafHash(made), position, says.count, proof, base64(unhex(says.root)));
}

/** The header of version 2 was signed by a key that is a custodian's or registrar's. */
async function checkKeeper({ head: { sig, ...head }, body }, keyring) {
  if (hex(await sha256(body)) !== head.body) refuse("the bundle's header was signed over other lines than these");
  const state = keyring.known(head.key, 'of the bundle');
  if (!['custodian', 'registrar'].some((role) => state.roles.has(role))) {
    refuse(`the key ${short(head.key)} is no custodian's or registrar's`);
  }
  const message = encode(`countersign-bundle/v2\n${render(head)}`);
  const why = "the signature of the bundle's header does not fit: its audience was changed";
  await checkSignature(state.key, unbase64(sig), message, why);
}


// What is said --------------------------------------------------------------------------------------------------------

const ALONE = "Signed by the force's own key alone: no outside body has cosigned this.";
const REHEARSED = 'A rehearsal: made up from beginning to end. '
  + 'Nothing in it happened, and it is no evidence of anything.';
const named = (octetsOfName) => new TextDecoder().decode(octets(octetsOfName));
const seconds = (time) => (time > 253402300799n ? `second ${time}`
  : new Date(Number(time) * 1000).toISOString().replace('T', ' ').replace('.000', ''));

/**
 * Check the bytes of a bundle, a proof or a checkpoint under the bytes of a policy.
 * @param {Uint8Array} bytes what was given
 * @param {Uint8Array} policy a C2SP tlog-policy file
 * @param {(done: number, of: number) => void} progress is called every 250 entries
 * @returns {Promise<{form: string, first: string[], says: string, about: string, signed: string[], cosigned: string[],
 *   proved: string[], notProved: string[], entries: Map<number, object>, schemas: Map<string, object>}>} in the words
 *   of `countersign verify`
 */
export async function verify(bytes, policy, progress = () => {}) {
  const known = await parsePolicy(policy);
  if (bytes[0] === 123) return ofBundle(await parseBundle(bytes), known, progress);
  if (latin(bytes.subarray(0, PROOF.length)) === PROOF) return ofProof(parseProof(bytes), known);
  if (!latin(bytes.subarray(0, 1 << 20)).includes('\n\n')) {
    refuse('the file is neither a bundle, nor a proof, nor a checkpoint');
  }
  const checked = await checkCheckpoint(parseNote(bytes), known), size = counted(Number(checked.head.size), 'entry');
  const proved = [`the head of ${size} is signed by ${checked.head.origin}`];
  return answer('checkpoint', checked, `the log's head at ${size}`, proved,
    ['that the log has only grown: that takes two checkpoints and a proof between them', 'what the entries say']);
}

async function ofProof({ index, proof, note, extra: entry }, policy) {
  if (entry === null) refuse('the proof does not hold its entry: use `countersign verify --entry`');
  const checked = await checkCheckpoint(note, policy);
  await checkInclusion(await leafHash(entry), index, checked.head.size, proof, checked.head.root);
  const where = `entry ${index} of ${checked.head.size}`;
  return answer('proof', checked, where, [`these ${counted(entry.length, 'byte')} are ${where}`],
    ['that the signer of the entry had the right to sign it: a bundle shows that', 'what stands in other entries']);
}

async function ofBundle(bundle, policy, progress) {
  const { subject, audience, key } = bundle.head;
  const { checkpoint, entries, schemas, repeated, opened, whole } = await checkBundle(bundle, policy, progress);
  const own = [...entries.values()].filter((entry) => entry.subject === subject), signers = new Map();
  for (const each of own) {
    const who = [each.key, each.role, each.supplied_by].join(' ');
    signers.set(who, (signers.get(who) ?? 0) + 1);
  }
  const given = whole ? '' : ', by the governing entries given', values = (count) => counted(count, 'sealed value');
  const held = `${counted(entries.size, 'entry')} of the log, each at its place and signed by a key that held its role`;
  const proved = [`${held} there${given}, in a form whose schema the log had adopted`];
  const be = opened.length === 1 ? 'is' : 'are';
  if (opened.length) proved.push(`${values(opened.length)} opened here ${be} what was committed to`);
  if (key) proved.push(`its keeper signed that it is for ${audience} and opens ${values(bundle.openings.length)}`);
  if (repeated.length) {
    const those = repeated.slice(0, 5).map(([place, first]) => `entry ${place} repeats entry ${first}`).join(', ');
    const more = repeated.length > 5 ? `, and ${counted(repeated.length - 5, 'more', 'more')}` : '';
    const first = 'each is counted once, at its first place.';
    proved.push(`The log holds the same entry more than once (${those}${more}); ${first}`);
  }
  const accounts = new Accounts();
  for (const [index, entry] of entries) accounts.add(index, entry);
  proved.push(...accounts.findings());
  const leftOut = 'that no entry was left out of the bundle (one that revokes a key or withdraws a role, for instance)';
  const notProved = whole ? [] : [leftOut];
  if (!key) notProved.push(`for whom the bundle was made: ${audience} is what it says, and nobody signed that`);
  const by = key ? `signed by key ${short(key)}` : 'not signed';
  const count = `${counted(own.length, 'entry')} about it, of ${entries.size} held`;
  const about = `${subject}, for ${audience} (audience ${by}): ${count}`;
  const said = answer('bundle', checkpoint, about, proved, [...notProved, 'what is sealed and not opened here']);
  for (const [who, count] of [...signers].sort(([one], [two]) => (one < two ? -1 : 1))) {
    const [id, role, supplier] = who.split(' ');
    said.signed.push(`key ${short(id)} as ${role}, ${counted(count, 'entry')} supplied by ${supplier}`);
  }
  return { ...said, entries, schemas };
}

function answer(form, { head, signed, cosigned }, about, proved, notProved) {
  return {
    form, about, proved, entries: new Map(), schemas: new Map(),
    says: `Unaltered since signed by ${head.origin}; nothing is said about whether it is true.`,
    first: [...head.origin.startsWith('rehearsal.invalid/') ? [REHEARSED] : [], ...cosigned.length ? [] : [ALONE]],
    signed: signed.map((key) => `${key.name} (the log; key id ${key.id})`),
    cosigned: cosigned.map(({ name, key, time }) => `${named(name)} (${key.name}), ${seconds(time ?? 0n)}`),
    notProved: [...notProved, 'that any statement is true'],
  };
}

/** The answer as `countersign verify` prints it. */
export function lines({ form, first, says, about, signed, cosigned, proved, notProved }) {
  const said = (title, rows) => [title, ...rows.map((row) => `  ${row}`)];
  return [...first.flatMap((line) => [line, '']), says, `${form}: ${about}`, '', ...said('Signed by', signed),
    ...cosigned.length ? said('Cosigned by', cosigned) : [], '', ...said('Proved', proved),
    ...said('Not proved', notProved)];
}
