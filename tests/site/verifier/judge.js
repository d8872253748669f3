// What the tests call in a page of the verifier's scripts; a refusal is an answer, anything else thrown a defect.
const given = (text) => octets(atob(text));
async function answered(work) {
  try {
    return await work();
  } catch (error) {
    const refused = error instanceof Refused || error instanceof Unable;
    return refused ? { refused: error.message } : { defect: String(error.stack) };
  }
}
const OF_TEXT = { numbers: decimal, base64: unbase64, keys: parseKey, checkpoints: parseCheckpoint, canonical: parse };
const OF_BYTES = { notes: parseNote, policies: parsePolicy, proofs: parseProof };
const each = (all, work) => Promise.all(all.map((one) => answered(() => work(one))));

window.judge = (cases) => each(cases, async ([data, policy]) => lines(await verify(given(data), given(policy))));
window.takes = (kind, name, texts) => each(texts, async (text) => {
  await (kind === 'text' ? OF_TEXT[name](text) : OF_BYTES[name](given(text)));
  return true;
});
window.publicKeys = (all) => each(all, async (text) => holdKey(unhex(text), 'it'));
