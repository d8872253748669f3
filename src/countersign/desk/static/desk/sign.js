// The pages where a key of this browser is made, and where it signs: what they show and sign comes from signing.js.
import { declared } from '/script/core.js';
import { keys, makeKey, readDraft, sign } from '/script/signing.js';

const making = document.getElementById('make-key');
const signing = document.getElementById('sign-here');
const place = making ?? signing;
const say = (text) => { place.querySelector('.desk-said').textContent = text; };

/** Run an act; what it refuses is said in its place on the page. */
const attempt = async (act) => {
  try { await act(); } catch (error) { say(error.message); }
};

async function make() {
  say('');
  const key = await makeKey(making.dataset.name);
  making.elements.line.value = key.printed;
  making.submit();
}

async function offer() {
  Object.assign(declared, await (await fetch('/script/declarations.json')).json());
  const answer = await fetch(signing.dataset.draft);
  if (!answer.ok) throw new Error('The draft is not held any longer.');
  const draft = await readDraft(await answer.text(), new Date());
  if (!(await keys()).some((key) => key.id === draft.key)) {
    say('This browser does not hold the key that the draft is for. Sign it where the key is, as below.');
    return;
  }
  const words = signing.querySelector('dl');
  for (const { title, kind, rows } of draft.entries) {
    for (const [name, text] of [[title, kind], ...rows]) {
      const [term, value] = [document.createElement('dt'), document.createElement('dd')];
      [term.textContent, value.textContent] = [name, text];
      words.append(term, value);
    }
  }
  const button = signing.querySelector('button');
  if (button === null) return;
  button.hidden = false;
  button.addEventListener('click', () => attempt(async () => {
    button.disabled = true;
    signing.elements.signed.value = await sign(draft, draft.key);
    signing.submit();
  }));
}

if (making) {
  making.hidden = false;
  making.querySelector('button').addEventListener('click', () => attempt(make));
}
if (signing) {
  signing.hidden = false;
  attempt(offer);
}
