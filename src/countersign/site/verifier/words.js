/**
 * An entry in words, line by line, as `countersign draft show` and `record show` write it: its fields in the order
 * of its form, words of fixed lists as people read them (schemas/words.toml), and nothing interpreted.
 */

import { declared, grouped, isObject, short } from './core.js';

const token = (text) => (/^[a-z][a-z_-]*$/.test(text) ? text.replaceAll('-', ' ').replaceAll('_', ' ') : text);
const SUPPLIED_BY = {
  force: 'the force', engine: "the engine's own log", observer: 'an observer', outside: 'an outside body',
};

/** The lengths of keys, digests and signatures, which are cut. */
const LONG = [44, 64, 88];

function coded(word) {
  const said = declared.words[word] ?? token(word);
  return said === word ? said : `${said} (${word})`;
}

function inWords(value, field = {}) {
  if (typeof value === 'string' && field.enum) return coded(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (value === null) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return LONG.includes([...value].length) && !value.includes(' ') ? short(value) : value;
  if (Array.isArray(value)) return value.map((part) => inWords(part, field.items)).join(', ');
  const names = Object.keys(value).sort(), inner = field.properties ?? {};
  const { first, last, entry, label, ranges } = value;
  if (names.join() === 'first,last') return first === last ? String(first) : `${first} to ${last}`;
  if (names.join() === 'entry,label,ranges') return `${label} of entry ${entry}, items ${inWords(ranges)}`;
  return names.map((name) => `${token(name)} ${inWords(value[name], inner[name])}`).join(', ');
}

export function rowsOf(value, field) {
  if (!Array.isArray(value)) return [inWords(value, field)];
  if (!value.length) return ['none'];
  if (value.length > 12) return [`${value.length} of them`];
  const inner = value.some((part) => isObject(part) || Array.isArray(part));
  return inner ? value.map((part) => inWords(part, field?.items)) : [inWords(value, field)];
}

/**
 * What an entry says, as rows of a name and a text.
 * @param {object} entry as `parseEntry` gives it, or without `sig`
 * @param {object} schema the entry's schema as JSON, or nothing: its words are then written as they stand
 * @returns {[string, string][]}
 */
export function describe(entry, schema) {
  const signed = `key ${short(entry.key)} as ${entry.role}; supplied by ${SUPPLIED_BY[entry.supplied_by]}`;
  const rows = [['about', entry.subject], ['at', entry.at], ['signed by', signed]];
  const order = declared.orders[`${entry.kind}/${entry.schema}`] ?? [];
  const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  for (const name of Object.keys(entry.facts).sort().sort((one, two) => place(one) - place(two))) {
    rows.push(...rowsOf(entry.facts[name], schema?.properties?.[name]).map((text) => [token(name), text]));
  }
  for (const label of Object.keys(entry.sealed).sort()) {
    const says = entry.sealed[label], what = says.root === undefined ? 'one value' : `${grouped(says.count)} items`;
    rows.push([`sealed ${label}`, `${what}, commitment ${short(says.root ?? says.commitment)}`]);
  }
  return rows;
}
