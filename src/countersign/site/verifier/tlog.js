/**
 * What C2SP writes down, in a browser: signed-note, tlog-checkpoint, tlog-cosignature, tlog-policy and tlog-proof.
 * Parsing is strict and proves nothing; `checkCheckpoint` holds a signed checkpoint to a policy.
 */

import {
  Refused, Unable, checkSignature, decimal, decode, encode, hex, holdKey, join, latin, octets, refuse, sha256, show,
  subtle, unbase64, unhex,
} from './core.js';

const NAMELESS = /^$|[\u0000-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+]/;
const checkName = (name) => (NAMELESS.test(name) ? refuse(`${show(name)} cannot name a key`) : name);

const KEY = /^([^+]*)\+([0-9a-f]{8})\+([^]*)$/;
/** A verifier key `name+hex+base64` of the types 1 (Ed25519), 4 (cosignature) and 6 (ML-DSA-44 cosignature). */
export async function parseKey(text) {
  const [, name, id, data] = KEY.exec(text) ?? refuse(`${show(text)} is not a verifier key`);
  const bytes = unbase64(data), kind = bytes[0], key = bytes.slice(1);
  checkName(name);
  if (![1, 4, 6].includes(kind)) refuse(`the key ${show(name)} is of no type that is taken`);
  if (kind === 6) key.length === 1312 || refuse(`the key ${show(name)} has ${key.length} bytes`);
  else holdKey(key, `the key ${show(name)}`);
  const made = hex(await sha256(join(encode(`${name}\n`), bytes))).slice(0, 8);
  return made === id ? { name, id, kind, key, text } : refuse(`the key ${show(name)}: its key id is ${made}`);
}

/** A signed note's text and signature lines (C2SP signed-note). Proves nothing. */
export function parseNote(bytes) {
  if (bytes.length > 1 << 20) refuse('a signed note is longer than 1 MiB');
  const whole = decode(bytes), at = whole.lastIndexOf('\n\n');
  if (at < 0 || !whole.endsWith('\n')) refuse('the note has no empty line between text and signatures, or no end');
  const text = whole.slice(0, at + 1), lines = whole.slice(at + 2, -1).split('\n');
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) refuse('the text of a note has a control character');
  if (at + 2 >= whole.length || lines.length > 100 || new Set(lines).size < lines.length) {
    refuse('a note has 1 to 100 signatures, each once');
  }
  const signatures = lines.map((line) => {
    const [, name, data] = /^— ([^ ]*) ([^]*)$/.exec(line) ?? refuse(`${show(line)} is not a signature line`);
    const all = unbase64(data);
    if (all.length < 5) refuse('an empty signature');
    return { name: checkName(name), id: hex(all.slice(0, 4)), data: all.slice(4) };
  });
  return { text, signatures };
}

/** Origin, size (BigInt) and root (base64) of a note's text (C2SP tlog-checkpoint). */
export function parseCheckpoint(text) {
  const lines = text.split('\n');
  if (lines.length < 4 || lines.pop() !== '' || lines.includes('')) refuse(`${show(text)} is not a checkpoint`);
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) refuse('a checkpoint has a control character');
  const size = decimal(lines[1]);
  unbase64(lines[2], 32);
  const empty = lines[2] === '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
  return size || empty ? { origin: lines[0], size, root: lines[2] } : refuse('a checkpoint of size 0 has another root');
}

/** A trust policy of a file's bytes (C2SP tlog-policy): logs, witnesses, groups, quorum. */
export async function parsePolicy(bytes) {
  if (bytes.length > 1 << 20 || bytes.at(-1) !== 10) refuse('the policy is too long, or its last line has no newline');
  const policy = { logs: [], witnesses: [], groups: [], quorum: null };
  const names = new Set(), members = new Set(), keys = new Set();
  const once = (set, name, why) => (set.has(name) ? refuse(`${show(name)} ${why}`) : set.add(name));
  const use = (name) => names.has(name) || refuse(`${show(name)} is used before it is defined`);
  const define = (name) => once(names, name === 'none' ? refuse('none cannot be defined') : name, 'is defined twice');
  const keyOf = async (word, kinds) => {
    const key = await parseKey(decode(octets(word)));
    once(keys, hex(key.key), 'is a public key that stands in the policy twice');
    return kinds.includes(key.kind) ? key : refuse(`the key of ${show(key.name)} is of another type`);
  };
  let number = 0;
  for (const line of latin(bytes.slice(0, -1)).split('\n')) {
    number += 1;
    try {
      if (/[^\t\x20-\x7e\x80-\xff]/.test(line)) refuse('a control character is not allowed');
      const [kind, ...rest] = line.split(/[ \t]+/).filter((word) => word);
      if (kind === undefined || kind.startsWith('#')) continue;
      if (kind === 'quorum' && rest.length === 1 && policy.quorum === null) {
        if (rest[0] !== 'none') use(rest[0]);
        policy.quorum = rest[0];
      } else if (kind === 'log' && [1, 2].includes(rest.length)) policy.logs.push(await keyOf(rest[0], [1, 6]));
      else if (kind === 'witness' && [2, 3].includes(rest.length)) {
        policy.witnesses.push({ name: rest[0], key: await keyOf(rest[1], [4, 6]) });
        define(rest[0]);
      } else if (kind === 'group' && rest.length >= 3) {
        const [name, asked, ...of] = rest;
        const threshold = asked === 'any' ? 1 : asked === 'all' ? of.length : Number(decimal(asked));
        if (threshold < 1 || threshold > of.length) {
          refuse(`${show(name)} asks for ${threshold} of ${of.length} members`);
        }
        of.forEach((member) => { use(member); once(members, member, 'is a member of a group already'); });
        define(name);
        policy.groups.push({ name, threshold, of });
      } else refuse(`${show(line)} is no log, witness, group or quorum line`);
    } catch (error) {
      throw error instanceof Refused ? new Refused(`The policy, line ${number}: ${error.message}.`) : error;
    }
  }
  return policy.quorum === null ? refuse('The policy has no quorum line.') : policy;
}

const big8 = (number) => unhex(number.toString(16).padStart(16, '0'));
function pascal(text) {
  const bytes = encode(text);
  return bytes.length > 255 ? refuse('a name beyond 255 bytes') : join([bytes.length], bytes);
}

async function checkNoteSignature(key, { text, head }, data) {
  if (key.kind === 1) {
    const why = `the signature of ${show(key.name)} does not belong to this text`;
    await checkSignature(key.key, data, encode(text), why);
    return null;
  }
  const why = `the cosignature of ${show(key.name)} does not belong to this checkpoint`;
  const time = BigInt(`0x${hex(data.slice(0, 8)) || '0'}`), signature = data.slice(8);
  if (time >= 1n << 63n) refuse(why);
  if (key.kind === 4) await checkSignature(key.key, signature, encode(`cosignature/v1\ntime ${time}\n${text}`), why);
  else {
    const message = join(encode('subtree/v1\n\0'), pascal(key.name), big8(time), pascal(head.origin), big8(0n),
      big8(head.size), unbase64(head.root, 32));
    const made = await subtle().importKey('raw-public', key.key, 'ML-DSA-44', true, ['verify']).catch(() => {
      throw new Unable('This browser cannot check ML-DSA-44 cosignatures: use `countersign verify`.');
    });
    if (!await subtle().verify('ML-DSA-44', made, signature, message)) refuse(why);
  }
  return time;
}

/** A signed checkpoint held to a policy: signed by a log of the policy and cosigned by its quorum. */
export async function checkCheckpoint(note, policy) {
  const head = parseCheckpoint(note.text), logs = policy.logs.filter((key) => key.name === head.origin);
  if (!logs.length) refuse(`the log ${show(head.origin)} is none of those that the policy knows`);
  const known = new Map();
  for (const key of [...logs, ...policy.witnesses.map((each) => each.key)]) known.set(`${key.name} ${key.id}`, key);
  const signed = [], cosigned = [];
  for (const { name, id, data } of note.signatures) {
    const key = known.get(`${name} ${id}`);
    if (key === undefined) continue;
    const time = await checkNoteSignature(key, { text: note.text, head }, data);
    if (logs.includes(key)) signed.push(key);
    else cosigned.push({ name: policy.witnesses.find((each) => each.key === key).name, key, time });
  }
  if (!signed.length) refuse(`the checkpoint of ${show(head.origin)} is not signed by the log's key`);
  const met = new Set(cosigned.map((each) => each.name));
  for (const { name, threshold, of } of policy.groups) {
    if (of.filter((one) => met.has(one)).length >= threshold) met.add(name);
  }
  if (policy.quorum !== 'none' && !met.has(policy.quorum)) {
    refuse(`the policy's quorum, ${show(policy.quorum)}, has not cosigned`);
  }
  return { head, signed, cosigned };
}

/** What a proof's file begins with. */
export const PROOF = 'c2sp.org/tlog-proof@v1';
/** A proof (C2SP tlog-proof) of its bytes: entry number, hashes, note, and the entry if it holds it. */
export function parseProof(bytes) {
  const at = latin(bytes).indexOf('\n\n'), lines = at < 0 ? [] : latin(bytes.subarray(0, at)).split('\n');
  if (bytes.length > 2 << 20 || lines.shift() !== PROOF) refuse('it is not a proof in its one valid form');
  const extra = lines[0]?.startsWith('extra ') ? unbase64(lines.shift().slice(6)) : null;
  if (extra?.length === 0 || !lines[0]?.startsWith('index ')) {
    refuse('the proof has an empty extra line, or no index line');
  }
  const index = decimal(lines.shift().slice(6));
  if (lines.length > 63) refuse('the proof has too many hashes');
  lines.forEach((line) => unbase64(line, 32));
  return { index, proof: lines, note: parseNote(bytes.subarray(at + 2)), extra };
}
