/**
 * What became of sealed values, as far as the reading of fixed findings needs it (record/entries/retention.py): an
 * entry that erases, loses, holds or releases unlawfully changes nothing, and a finding reads "as found before erasure"
 * once a value it rests on is gone.
 */

import { Refused, refuse } from './core.js';

export class Accounts {
  constructor() { Object.assign(this, { items: new Map(), holds: new Map(), fixed: [] }); }

  /** One more entry, in the order of the log; an unlawful one changes nothing. */
  add(index, { kind, facts, sealed }) {
    try {
      if (kind === 'record.erased') this.move(facts.items, true);
      if (kind === 'record.lost') this.move(facts.items, false);
      if (kind === 'record.held') this.hold(index, facts.items);
      if (kind === 'record.released') this.release(facts.hold);
      if (kind === 'record.finding-fixed') this.fix(index, facts);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return;
    }
    for (const [label, { count = 1 }] of Object.entries(sealed)) {
      this.items.set(`${index} ${label}`, [{ first: 0, last: count - 1, live: true, holds: new Set() }]);
    }
  }

  /** The runs of items (of one fate each) that are named, range by range; `cut`: so that runs end where ranges do. */
  * parts(items, cut = false) {
    const seen = new Set();
    for (const { entry, label, ranges } of items) {
      const name = `${entry} ${label}`, runs = this.items.get(name);
      if (seen.has(name) || runs === undefined) {
        refuse(`names ${label} of entry ${entry} twice, or it committed to nothing`);
      }
      seen.add(name);
      let before = -1;
      for (const { first, last } of ranges) {
        if (first <= before || last < first || last > runs.at(-1).last) refuse(`items of ${label} are out of order`);
        before = last;
        if (cut) [first, last + 1].forEach((at) => split(runs, at));
        yield { name, first, runs: runs.filter((run) => run.first <= last && run.last >= first) };
      }
    }
  }

  move(items, erased) {
    for (const { runs } of this.parts(items)) {
      if (runs.some((run) => !run.live || (erased && run.holds.size))) refuse('gone already, or held');
    }
    for (const { runs } of this.parts(items, true)) {
      runs.forEach((run) => Object.assign(run, { live: false, holds: new Set() }));
    }
  }

  hold(index, items) {
    for (const { runs } of this.parts(items)) if (runs.some((run) => !run.live)) refuse('gone, and cannot be held');
    const parts = [...this.parts(items, true)];
    parts.forEach(({ runs }) => runs.forEach((run) => run.holds.add(index)));
    this.holds.set(index, parts.map(({ name }) => name));
  }

  release(hold) {
    const names = this.holds.get(hold) ?? refuse('not a hold that still stands');
    this.holds.delete(hold);
    names.forEach((name) => this.items.get(name).forEach((run) => run.holds.delete(hold)));
  }

  fix(index, facts) {
    if (facts.tree_size > index) refuse('fixes a finding over entries that are not there');
    for (const { runs } of this.parts(facts.used)) if (runs.some((run) => !run.live)) refuse('rests on what is gone');
    this.fixed.push(facts);
  }

  /** Each fixed finding in a line. */
  findings() {
    return this.fixed.map((facts) => {
      const gone = [...this.parts(facts.used)].some(({ runs }) => runs.some((run) => !run.live));
      return `${facts.finding} = ${facts.result} by ${facts.check}, ${gone ? 'as found before erasure' : 'as found'}`;
    });
  }
}

/** Split the run that holds item `at`, so that one begins there. */
function split(runs, at) {
  const place = runs.findIndex((run) => run.first < at && at <= run.last);
  if (place < 0) return;
  const run = runs[place], holds = () => new Set(run.holds);
  runs.splice(place, 1, { ...run, last: at - 1, holds: holds() }, { ...run, first: at, holds: holds() });
}
