/** The page: files are dropped or chosen, checked here, and what was proved and what was not is written out. */

import { Refused, Unable, declared, encode, grouped, latin, visible } from './core.js';
import { PROOF } from './tlog.js';
import { verify } from './bundle.js';
import { describe } from './words.js';

/** Larger bundles are for the command line, which reads up to 1 GiB. */
const LARGEST = 1 << 28;
const SHOWN = 50;
const at = (id) => document.getElementById(id);
const given = { evidence: null, policy: null };

Object.assign(declared, JSON.parse(at('declared').textContent));

/** An element with a text (never markup) or parts. */
function made(name, content, className = '') {
  const element = document.createElement(name);
  if (typeof content === 'string') element.textContent = visible(content);
  else element.append(...content);
  if (className) element.className = className;
  return element;
}

const list = (rows) => made('ul', rows.map((row) => made('li', row)));

async function take(file, as = '') {
  if (file.size > LARGEST) {
    const why = `${file.name} has more than ${LARGEST >> 20} MiB: use \`countersign verify\`.`;
    return say('refused', 'Not checked', [why]);
  }
  const bytes = new Uint8Array(await file.arrayBuffer()), head = latin(bytes.subarray(0, 1 << 16));
  const rules = bytes[0] !== 123 && !head.startsWith(PROOF) && /^(log|witness|quorum)[ \t]/m.test(head);
  const what = as || (rules ? 'policy' : 'evidence');
  given[what] = bytes;
  at(`${what}-name`).textContent = visible(`${as ? '' : `${file.name}, `}${grouped(bytes.length)} bytes`);
  if (what === 'policy') {
    const lines = new TextDecoder().decode(bytes.subarray(0, 1 << 20)).split('\n');
    at('words').value = lines.map(visible).join('\n');
  }
  if (given.evidence && policy()) await check();
}

function policy() {
  const text = at('words').value;
  return given.policy ?? (text.trim() ? encode(text.endsWith('\n') ? text : `${text}\n`) : null);
}

function say(kind, title, blocks) {
  const heading = made('h2', title);
  heading.tabIndex = -1;
  at('answer').className = kind;
  const paragraphs = blocks.map((block) => (typeof block === 'string' ? made('p', block) : block));
  at('answer').replaceChildren(heading, ...paragraphs);
  at('answer').hidden = false;
  at('state').textContent = '';
  at('progress').hidden = true;
  heading.focus();
}

let run = 0;

async function check() {
  const mine = run += 1;
  if (!given.evidence || !policy()) {
    const first = 'Give a bundle, a proof or a checkpoint first.';
    const then = 'Give the policy file too: it says whom you trust.';
    return say('refused', 'Not checked', [given.evidence ? then : first]);
  }
  at('state').textContent = 'Checking…';
  at('progress').removeAttribute('value');
  at('progress').hidden = false;
  await new Promise((done) => { setTimeout(done); });
  const progress = (done, of) => {
    if (mine !== run) throw new Refused('another check was begun');
    Object.assign(at('progress'), { value: done, max: of });
    at('state').textContent = `Checked ${grouped(done)} of ${grouped(of)} entries.`;
  };
  try {
    const answer = await verify(given.evidence, policy(), progress);
    if (mine === run) write(answer);
  } catch (error) {
    if (mine !== run) return undefined;
    if (error instanceof Unable) return say('refused', 'Not checked', [error.message]);
    if (!(error instanceof Refused)) return say('refused', 'Not checked', [`This page failed: ${error.message}`]);
    const way = 'Do not rely on this copy. Ask for it again from where it was published.';
    const sentence = visible(error.message).replace(/\.?$/, '.');
    return say('refused', 'It does not hold', [sentence[0].toUpperCase() + sentence.slice(1), way]);
  }
  return undefined;
}

function write({ form, first, says, about, signed, cosigned, proved, notProved, entries, schemas }) {
  const part = (title, rows) => (rows.length ? [made('h3', title), list(rows)] : []);
  say('held', cosigned.length ? 'Unaltered since it was signed' : 'Signed by the force\u2019s own key alone', [
    ...first.map((line) => made('p', line, 'warning')), made('p', says, 'lead'), `${form}: ${about}`,
    ...part('Signed by', signed), ...part('Cosigned by', cosigned), ...part('Proved', proved),
    ...part('Not proved', notProved),
    ...entries.size ? [entriesInWords(entries, schemas)] : [],
  ]);
}

function entriesInWords(entries, schemas) {
  const shown = [...entries].slice(-SHOWN).map(([index, entry]) => {
    const schema = schemas.get(`${entry.kind}/${entry.schema}`), rows = describe(entry, schema.raw);
    const list_ = made('dl', rows.map(([name, text]) => made('div', [made('dt', name), made('dd', text)])));
    const title = `Entry ${index}: ${schema.title} (${entry.kind}, version ${entry.schema})`;
    return made('details', [made('summary', title), list_]);
  });
  const all = grouped(entries.size);
  const which = entries.size > SHOWN ? `The last ${SHOWN} of ${all} entries, in words` : 'The entries, in words';
  return made('div', [made('h3', which), ...shown]);
}

async function takeAll(files) {
  for (const file of files) await take(file);
}

for (const what of ['evidence', 'policy']) {
  at(what).addEventListener('change', () => { if (at(what).files[0]) take(at(what).files[0], what); });
}
at('words').addEventListener('input', () => { given.policy = null; at('policy-name').textContent = ''; });
at('check').addEventListener('click', check);
for (const name of ['dragover', 'drop']) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    at('zone').classList.toggle('over', name === 'dragover');
    if (name === 'drop') takeAll([...event.dataTransfer.files]);
  });
}
document.addEventListener('dragleave', () => at('zone').classList.remove('over'));
at('script').hidden = true;
at('form').hidden = false;
