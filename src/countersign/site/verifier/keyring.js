/**
 * Schemas of entries, and who may sign what: the small part of JSON Schema that entries take (record-entries.md), and
 * the keys, roles and adopted schemas of a log after each entry.
 */

import {
  checkSignature, declared, encode, fits, hex, holdKey, isObject, latin, refuse, sha256, short, show, signedBytes,
  SUPPLIERS, unbase64, unhex,
} from './core.js';

const SPACE = '\\t-\\r\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const LEAKS = [
  'data:[_]*(image|application|video|audio|;base64)|;[_]*base64[_]*,|<svg[_>]|\\bnumpy\\b|\\bfloat32\\b',
  '[^_@](?:@|[_]*[\\[(]at[\\])][_]*|%40)[^_@]+\\.[A-Za-z]{2,}',
  '(?<![#.])(?:\\+|00)#{1,3}[_().\\-]{0,2}#(?:[_().\\-]{0,2}#){6,}|(?<![#.:/\\-])0#(?:[_().\\-]{0,2}#){8,9}(?!#)',
  '(?<![A-Za-z0-9])[A-Z]{1,2}#[A-Z#]?[_]?#[ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])',
].map((rule) => new RegExp(rule.replaceAll('_', SPACE).replaceAll('#', '\\p{Nd}'), 'iu')).concat([
  '(?<![#.])-?#{1,3}\\.#{3,}(?:[_]*[°NS])?(?:[_]*[,;/][_]*|[_]+)-?#{1,3}\\.#{3,}|#{1,3}°[_]*#{1,2}[\'′]',
  '(?<![A-Za-z0-9])[HJNOST][A-HJ-Z][_]?#{3,5}[_]?#{3,5}(?![A-Za-z0-9])', '[A-Za-z0-9+_=]{41,}',
].map((rule, at) => new RegExp(at === 2 ? rule : rule.replaceAll('_', SPACE).replaceAll('#', '\\p{Nd}'), 'u')));
const BLANK = new RegExp(`[${SPACE}]`, 'gu'), BETWEEN = new RegExp(`[${SPACE},;|]+`, 'u');
const NUMBER = /^-?\p{Nd}+(?:\.\p{Nd}+)?(?:e-?\p{Nd}+)?$/iu;
const PACKED = ['\x89PNG', '\xff\xd8\xff', 'GIF8', 'RIFF', 'BM', 'II*\0', 'MM\0*', '\0\0\x01\0', '%PDF', '\x1f\x8b\x08',
  'PK\x03\x04', 'BZh', '\xfd7zXZ', '\x28\xb5\x2f\xfd'];

/** What begins as base64 decodes to; nothing for another text. */
function unpacked(start) {
  try {
    return atob(start.slice(0, start.length & ~3).replaceAll('-', '+').replaceAll('_', '/'));
  } catch { return ''; }
}

/** Whether a text has a form that never stands in the record: data, an address, a number of a person or a place. */
function leaks(text) {
  const head = text.slice(0, 4000), start = text.slice(0, 64).replace(BLANK, '').slice(0, 32);
  const data = [unpacked(start), /^[0-9a-f]*$/i.test(start) ? latin(unhex(start)) : ''];
  if (text.length > 20 && PACKED.some((begin) => data.some((each) => each.startsWith(begin)))) return true;
  const parts = head.split(BETWEEN);
  return LEAKS.some((rule) => rule.test(head)) || parts.filter((part) => NUMBER.test(part)).length > 8;
}

const KEYWORDS = {
  object: ['additionalProperties', 'required', 'properties'], array: ['items', 'minItems', 'maxItems', 'x-numbers'],
  integer: ['minimum', 'maximum', 'multipleOf'], boolean: ['const'], string: ['format', 'enum', 'maxLength'],
};
export const namesIn = (value) => Array.isArray(value) && value.length > 0
  && value.every((name) => typeof name === 'string');
const bad = (place, why = 'is not what a schema of entries may say') => refuse(`the schema ${place}: ${why}`);

/** What holds a value to one part of a schema: a function of the value and its place. */
function compile(raw, place, sentences = false) {
  if (!isObject(raw) || !Object.hasOwn(KEYWORDS, raw.type)) bad(place);
  const allowed = ['type', 'title', 'description', ...KEYWORDS[raw.type]];
  if (!Object.keys(raw).every((key) => allowed.includes(key))) bad(place);
  return COMPILERS[raw.type](raw, place, sentences);
}

const COMPILERS = {
  object({ additionalProperties, properties = {}, required = [] }, place, sentences) {
    if (additionalProperties !== false || !isObject(properties)) bad(place);
    if (!namesIn(required) && !(Array.isArray(required) && !required.length)) bad(place);
    const parts = new Map();
    for (const [name, part] of Object.entries(properties)) {
      parts.set(name, compile(part, `${place}.${name}`, sentences));
    }
    if (!required.every((name) => parts.has(name))) bad(place);
    return (value, at) => {
      if (!isObject(value)) refuse(`${at}: not an object`);
      for (const name of required) if (!Object.hasOwn(value, name)) refuse(`${at}: ${name} is missing`);
      for (const [name, part] of Object.entries(value)) {
        const check = parts.get(name) ?? refuse(`${at}: a field that is not of this kind of entry`);
        check(part, `${at}.${name}`);
      }
    };
  },
  array({ items, minItems = 0, maxItems, 'x-numbers': numbers = 0 }, place, sentences) {
    if (![minItems, maxItems, numbers].every(Number.isInteger)) bad(place);
    const item = compile(items, `${place}[]`, sentences), few = Math.max(numbers, 8);
    return (value, at) => {
      if (!Array.isArray(value)) refuse(`${at}: not a list`);
      const numeric = value.filter((part) => ['number', 'string'].includes(typeof part) && NUMBER.test(part));
      if (numeric.length > few) refuse(`${at}: a list of ${numeric.length} numbers, such as an embedding`);
      if (value.length < minItems || (value.length && value.length > maxItems)) refuse(`${at}: ${value.length} items`);
      value.forEach((part, number) => item(part, `${at}[${number}]`));
    };
  },
  integer({ minimum, maximum, multipleOf = 1 }, place) {
    if (![minimum, maximum, multipleOf].every(Number.isInteger) || multipleOf < 1) bad(place);
    if (!Number.isSafeInteger(maximum)) bad(place);
    return (value, at) => {
      if (!Number.isInteger(value) || value < minimum || value > maximum || value % multipleOf) {
        refuse(`${at}: not an integer within ${minimum} to ${maximum}`);
      }
    };
  },
  boolean({ const: constant = null }, place) {
    if (constant !== null && typeof constant !== 'boolean') bad(place);
    return (value, at) => {
      if (typeof value !== 'boolean' || value !== (constant ?? value)) refuse(`${at}: not true or false as it must be`);
    };
  },
  string(raw, place, sentences) {
    if (Object.hasOwn(raw, 'enum')) {
      if (!namesIn(raw.enum)) bad(place);
      return (value, at) => { if (!raw.enum.includes(value)) refuse(`${at}: none of its words`); };
    }
    const free = sentences && raw.format === 'sentences';
    if (!free && !Object.hasOwn(declared.forms, String(raw.format))) bad(place);
    if (!Number.isInteger(raw.maxLength ?? 0)) bad(place);
    const typed = !free && declared.forms[raw.format][2], longest = raw.maxLength ?? Infinity, held = new Set();
    return (value, at) => {
      if (held.has(value)) return;
      if (typeof value !== 'string' || (!typed && leaks(value))) refuse(`${at}: not a text that may stand there`);
      const long = [...value].length;
      const good = free ? long <= 4000 && value.trim() : fits(raw.format, value) && long <= longest;
      if (!good) refuse(`${at}: not of its form (${raw.format})`);
      if (held.size < 1024) held.add(value);
    };
  },
};

const IDENTIFIER = /^countersign:entry\/([a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)+)\/([1-9][0-9]{0,3})$/;
const BODY = ['type', 'additionalProperties', 'required', 'properties'];
const TOP = ['$schema', '$id', 'title', 'description', 'x-roles', 'x-supplied-by', 'x-sealed'];
const SEALED = ['class', 'set', 'required', 'description', 'content'];

/** A schema of its file's text: name, digest, roles, suppliers, sealed labels, and what holds facts to it. */
export async function parseSchema(text) {
  let raw = null;
  try { raw = JSON.parse(text); } catch { bad('', 'is not JSON'); }
  const [, kind, version] = IDENTIFIER.exec(raw?.$id ?? '') ?? bad('');
  const name = `${kind}/${version}`, body = {};
  for (const key of Object.keys(raw)) {
    if (BODY.includes(key)) body[key] = raw[key];
    else if (!TOP.includes(key)) bad(name);
  }
  const roles = raw['x-roles'], suppliers = raw['x-supplied-by'], sealed = raw['x-sealed'] ?? {};
  if (!namesIn(roles) || !namesIn(suppliers) || !isObject(sealed)) bad(name);
  if (!suppliers.every((each) => SUPPLIERS.includes(each))) bad(name);
  for (const [label, says] of Object.entries(sealed)) {
    if (!new RegExp(declared.forms.token[0], 'u').test(label) || !isObject(says)) bad(name);
    if (!Object.keys(says).every((key) => SEALED.includes(key))) bad(name);
    if (typeof says.class !== 'string' || !fits('token', says.class)) bad(name);
    if ('content' in says) compile(says.content, `${name}: sealed.${label}`, true);
  }
  const check = compile(body, name), digest = hex(await sha256(encode(text)));
  return { name, title: String(raw.title ?? kind), raw, digest, roles, suppliers, sealed, check };
}

/** Hold an entry to its schema: role, supplier, sealed labels and facts. */
function holdToSchema(entry, schema) {
  const name = `${entry.kind}/${entry.schema}`;
  if (schema === undefined) refuse(`there is no schema for entries of the kind ${show(name)}`);
  if (!schema.roles.includes(entry.role) && !schema.roles.includes('*')) {
    refuse(`${name}: is not for the role ${entry.role}`);
  }
  if (!schema.suppliers.includes(entry.supplied_by)) refuse(`${name}: does not come from ${entry.supplied_by}`);
  for (const [label, says] of Object.entries(entry.sealed)) {
    if (!Object.hasOwn(schema.sealed, label)) refuse(`${name}: sealed.${label} is not a label of this kind of entry`);
    if ((schema.sealed[label].set === true) !== ('root' in says)) {
      refuse(`${name}: sealed.${label} is a set or one value, not so`);
    }
  }
  for (const [label, says] of Object.entries(schema.sealed)) {
    if (says.required === true && !Object.hasOwn(entry.sealed, label)) refuse(`${name}: sealed.${label} is missing`);
  }
  schema.check(entry.facts, `${name}: facts`);
}


// Who may sign what ---------------------------------------------------------------------------------------------------

/** The keys and adopted schemas of a log, entry by entry; signatures are checked together by `settle`. */
export class Keyring {
  constructor(log, schemas) { Object.assign(this, { log, schemas, keys: new Map(), adopted: new Map(), waiting: [] }); }

  /** The state of a key that is registered and not revoked. */
  known(id, index) {
    const state = this.keys.get(id);
    if (state && !state.revoked) return state;
    return refuse(`entry ${index}: the key ${short(id)} is not registered, or revoked`);
  }

  adopt({ kind, version, digest }, index) {
    const name = `${kind}/${version}`;
    if ((this.adopted.get(name) ?? digest) !== digest) {
      refuse(`entry ${index}: the schema ${name} was adopted with other bytes`);
    }
    this.adopted.set(name, digest);
  }

  async register(text, roles, index) {
    const key = unbase64(text, 32);
    holdKey(key, `entry ${index}: the key`);
    const id = hex(await sha256(key));
    if (this.keys.has(id)) refuse(`entry ${index}: the key ${short(id)} is registered a second time`);
    this.keys.set(id, { key, roles: new Set(roles), revoked: false });
    return id;
  }

  /** The next entry: its key held the role, its schema was adopted, and it is of that form. */
  async admit(index, entry) {
    const { kind, facts } = entry, name = `${kind}/${entry.schema}`, schema = this.schemas.get(name);
    if (schema === undefined) refuse(`entry ${index}: there is no schema for ${show(name)}`);
    if (kind.startsWith('record.') && declared.own[name] !== schema.digest) {
      refuse(`entry ${index}: ${name} is a kind of the record itself, with another schema`);
    }
    holdToSchema(entry, schema);
    if (entry.log !== this.log) refuse(`entry ${index}: is of the log ${entry.log}, not of ${this.log}`);
    if (index === 0) {
      if (kind !== 'record.log-opened' || entry.role !== 'registrar') refuse('the first entry does not open the log');
      if (await this.register(facts.registrar, ['registrar'], 0) !== entry.key) {
        refuse('the log is not opened by the key it names');
      }
      facts.schemas.forEach((each) => this.adopt(each, 0));
    }
    const state = this.known(entry.key, index);
    if (!state.roles.has(entry.role)) {
      refuse(`entry ${index}: the key ${short(entry.key)} does not hold the role ${entry.role}`);
    }
    if (index !== 0) await this.change(index, entry, state);
    if (this.adopted.get(name) !== schema.digest) {
      refuse(`entry ${index}: the log has not adopted the schema ${name} in this form`);
    }
    const why = `entry ${index} was not signed so by the key ${short(entry.key)}`;
    const checked = checkSignature(state.key, unbase64(entry.sig, 64), signedBytes(entry), why);
    checked.catch(() => {});  // said when it is waited for
    this.waiting.push(checked);
  }

  /** What the governing kinds change. */
  async change(index, { kind, facts, key }, state) {
    if (kind === 'record.log-opened') refuse(`entry ${index}: opens the log a second time`);
    if (kind === 'record.schema-adopted') this.adopt(facts, index);
    if (kind === 'record.key-registered') await this.register(facts.public_key, facts.roles, index);
    if (kind === 'record.role-granted') this.known(facts.key, index).roles.add(facts.role);
    if (kind === 'record.role-withdrawn' && !this.known(facts.key, index).roles.delete(facts.role)) {
      refuse(`entry ${index}: the key ${short(facts.key)} does not hold the role ${facts.role}`);
    }
    if (kind === 'record.key-revoked') this.known(facts.key, index).revoked = true;
    if (kind === 'record.key-rotated') {
      await this.register(facts.public_key, state.roles, index);
      const message = encode(`countersign-rotate/v1\n${this.log}\n${key}\n`);
      const [made, proof] = [unbase64(facts.public_key, 32), unbase64(facts.possession, 64)];
      await checkSignature(made, proof, message, `entry ${index}: the new key has not signed for taking over`);
      state.revoked = true;
    }
  }

  /** Wait for the signatures gone before. */
  async settle() { await Promise.all(this.waiting.splice(0)); }
}
