/** Rows of a series, theirs beside ours and beside what the origin's rules make: equal, explained or neither. */
import { type Cells, comparerOf } from '../../domain/origin/cells.js';
import { bitOf, ruleOf, ruleOfRow, type SeriesFacts } from '../../domain/origin/rules.js';

/** Three times the same rows; the columns are those of theirs. */
export interface Sides {
  theirs: Cells;
  ours: Cells;
  /** What the rules of the origin make. */
  model: Cells;
}

/** Findings that are kept of a series. */
const MOST_FINDINGS = 20;

/** A place where nothing explains theirs. */
export interface Unexplained {
  place: number;
  /** null: one side has no such row. */
  column: string | null;
  isTheirs: boolean;
}

export interface Verdict {
  theirs: number;
  ours: number;
  differing: number;
  unexplained: number;
  /** Rows by the set of rules that explain them. */
  explained: Map<number, number>;
  /** The first of those that nothing explains. */
  findings: Unexplained[];
}

/** Judges a series under one revision of the origin. */
export function judgeSeries(sides: Sides, facts: SeriesFacts): Verdict {
  const size = sides.theirs.present.length;
  const marks = { rules: new Int32Array(size), wrongColumn: new Int16Array(size).fill(-1) };
  const names = Object.keys(sides.theirs.columns);
  for (const [at, name] of names.entries()) judgeColumn(sides, { facts, name, at, marks });
  return countRows(sides, { facts, names, marks });
}

/** By place: the rules of its explained cells, and the first column that nothing explains. */
interface Marks {
  rules: Int32Array;
  wrongColumn: Int16Array;
}

interface Column {
  facts: SeriesFacts;
  name: string;
  at: number;
  marks: Marks;
}

function judgeColumn(sides: Sides, { facts, name, at, marks }: Column): void {
  const isSame = comparerOf(name);
  const [theirs, ours, model] = [sides.theirs, sides.ours, sides.model].map((side) =>
    columnOf(side, name),
  ) as [Float64Array, Float64Array, Float64Array];
  const [hasTheirs, hasOurs, hasModel] = [sides.theirs.present, sides.ours.present, sides.model.present];
  const [bit, bitOfNull] = [bitOf(ruleOf(facts, name, false)), bitOf(ruleOf(facts, name, true))];
  const scaleAt = scalesOf(sides, facts);
  for (let place = 0; place < theirs.length; place += 1) {
    if (hasTheirs[place] === 0) continue;
    const value = theirs[place] as number;
    // Most cells are equal to the bit: what may be left of rounding is asked of the others.
    if (hasOurs[place] === 1 && value === ours[place]) continue;
    const scale = scaleAt(place);
    if (hasOurs[place] === 1 && isSame(value, ours[place] as number, scale)) continue;
    if (hasModel[place] === 1 && isSame(value, model[place] as number, scale)) {
      if (hasOurs[place] === 1)
        marks.rules[place] = (marks.rules[place] as number) | (Number.isNaN(value) ? bitOfNull : bit);
    } else if (marks.wrongColumn[place] === -1) marks.wrongColumn[place] = at;
  }
}

function columnOf({ columns }: Cells, name: string): Float64Array {
  const column = columns[name];
  if (column === undefined) throw new Error(`no cells of column ${name}`);
  return column;
}

/** The rounding of EMAs and of their differences is a part of the row's EMA. */
function scalesOf({ ours, model }: Sides, { kind }: SeriesFacts): (place: number) => number {
  if (kind !== 'emas') return () => 0;
  const [a, b] = [columnOf(ours, 'ema'), columnOf(model, 'ema')];
  return (place) => Math.abs(a[place] as number) || Math.abs(b[place] as number) || 0;
}

function countRows(
  { theirs, ours, model }: Sides,
  { facts, names, marks }: { facts: SeriesFacts; names: readonly string[]; marks: Marks },
): Verdict {
  const verdict: Verdict = {
    ...{ theirs: 0, ours: 0, differing: 0, unexplained: 0, explained: new Map(), findings: [] },
  };
  const [bitOfTheirs, bitOfOurs] = [bitOf(ruleOfRow(facts, true)), bitOf(ruleOfRow(facts, false))];
  for (let place = 0; place < theirs.present.length; place += 1) {
    const [isTheirs, isOurs] = [theirs.present[place] === 1, ours.present[place] === 1];
    if (isTheirs) verdict.theirs += 1;
    if (isOurs) verdict.ours += 1;
    if (!isTheirs && !isOurs) continue;
    let rules = marks.rules[place] as number;
    const wrong = marks.wrongColumn[place] as number;
    let isWrong = wrong >= 0;
    if (!isOurs) {
      rules = bitOfTheirs;
      isWrong ||= model.present[place] === 0;
    }
    if (!isTheirs) {
      rules = bitOfOurs;
      isWrong = model.present[place] === 1;
    }
    if (isWrong) {
      const column = isTheirs && isOurs ? (names[wrong] ?? null) : null;
      addFinding(verdict, { place, column, isTheirs });
    } else if (rules !== 0) {
      verdict.differing += 1;
      verdict.explained.set(rules, (verdict.explained.get(rules) ?? 0) + 1);
    }
  }
  return verdict;
}

function addFinding(verdict: Verdict, finding: Unexplained): void {
  verdict.differing += 1;
  verdict.unexplained += 1;
  if (verdict.findings.length < MOST_FINDINGS) verdict.findings.push(finding);
}
