/**
 * Which states the worlds of the model tests reach: what a run was to do with an asset's bars, what disturbed it, and how
 * the asset came to be right. Each is a cell of a table; `npm run test:long` fails while one that can occur stays empty.
 */
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the plan of an asset's bars says. */
export const PLANS = [
  'none',
  'append',
  'repair from a base',
  'repair of everything',
  'rebuild',
  'blocked',
  'no prices',
] as const;
export type PlanKind = (typeof PLANS)[number];

/** What disturbed the run. `before`, `after`: the commit of the asset. */
export const FAULTS = [
  'nothing',
  'late write',
  'killed before',
  'killed after',
  'connection lost before',
  'connection lost after',
] as const;
export type Fault = (typeof FAULTS)[number];

/** How the asset came to be right: at once, by another try of the same run, or by what the next run over it did. */
export const WAYS = [
  'at once',
  'tried again',
  'next: none',
  'next: append',
  'next: repair',
  'next: rebuild',
] as const;
export type Way = (typeof WAYS)[number];

export interface Cell {
  plan: PlanKind;
  fault: Fault;
  way: Way;
}

/** Sums by the names of cells. */
export type CellCounts = Map<string, number>;

/** The name of a cell, as people read it. */
export function nameOf({ plan, fault, way }: Cell): string {
  return `${plan} | ${fault} | ${way}`;
}

/** Adds one to a cell. */
export function countCell(counts: CellCounts, cell: Cell): void {
  const name = nameOf(cell);
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Cells that are no state, or are not asked for. */
interface Rule {
  plans?: readonly PlanKind[];
  faults?: readonly Fault[];
  ways?: readonly Way[];
  why: string;
}

const AFTER: readonly Fault[] = ['killed after', 'connection lost after'];
const BEFORE: readonly Fault[] = ['killed before', 'connection lost before'];
const ENDED: readonly Fault[] = [...BEFORE, ...AFTER];
const NEXT: readonly Way[] = ['next: none', 'next: append', 'next: repair', 'next: rebuild'];
/** Plans that write nothing. */
const IDLE: readonly PlanKind[] = ['none', 'blocked', 'no prices'];
const REPAIRS: readonly PlanKind[] = ['repair from a base', 'repair of everything'];
const WORK: readonly PlanKind[] = PLANS.filter((plan) => !IDLE.includes(plan));

/** What cannot be: a cell of these that is seen is an error of the tests, or of the program. */
export const IMPOSSIBLE: readonly Rule[] = [
  { plans: IDLE, faults: ENDED, why: 'nothing is written, so there is no commit' },
  {
    plans: [...WORK, 'none'],
    faults: ['nothing'],
    ways: [...NEXT, 'tried again'],
    why: 'a run that nothing disturbs does what is to be done',
  },
  {
    plans: ['blocked', 'no prices'],
    ways: ['at once', 'tried again'],
    why: 'the asset is left alone until its source is another one',
  },
  {
    plans: ['no prices'],
    ways: ['next: none', 'next: append', 'next: repair'],
    why: 'nothing is stored of it: its first prices are a first build',
  },
  {
    faults: ['late write'],
    ways: ['at once', 'tried again'],
    why: 'what comes after the snapshot is for the next run',
  },
  { faults: ENDED, ways: ['at once'], why: 'the run ends, or tries again' },
  {
    faults: ['killed before', 'killed after', 'connection lost after'],
    ways: ['tried again'],
    why: 'a killed process tries nothing, and what is committed is not done again',
  },
];

/** What only chance makes: two writes that cancel each other. It may be seen and is not asked for. */
export const BY_CHANCE: readonly Rule[] = [
  {
    plans: ['append'],
    faults: BEFORE,
    ways: ['next: none'],
    why: 'the new days would have to go again',
  },
  {
    plans: REPAIRS,
    faults: BEFORE,
    ways: ['next: none', 'next: append'],
    why: 'what was changed would have to be changed back',
  },
  {
    plans: ['blocked'],
    faults: ['late write'],
    ways: ['next: none'],
    why: 'the late row would have to go again, when the lost ones come back',
  },
];

function matches({ plans, faults, ways }: Rule, { plan, fault, way }: Cell): boolean {
  return (
    (plans === undefined || plans.includes(plan)) &&
    (faults === undefined || faults.includes(fault)) &&
    (ways === undefined || ways.includes(way))
  );
}

/** Every cell of the table. */
export function listCells(): Cell[] {
  return PLANS.flatMap((plan) => FAULTS.flatMap((fault) => WAYS.map((way) => ({ plan, fault, way }))));
}

/** What is wrong with a table, a sentence each: an empty cell that can occur, and one that was seen and cannot. */
export function judgeCells(counts: ReadonlyMap<string, number>): string[] {
  return listCells().flatMap((cell) => {
    const seen = counts.get(nameOf(cell)) ?? 0;
    const impossible = IMPOSSIBLE.find((rule) => matches(rule, cell));
    if (impossible !== undefined)
      return seen === 0 ? [] : [`${nameOf(cell)}: seen ${seen} times, though ${impossible.why}`];
    if (seen > 0 || BY_CHANCE.some((rule) => matches(rule, cell))) return [];
    return [`${nameOf(cell)}: never reached`];
  });
}

/** The table in lines: a row for each plan and fault, a column for each way; "-" cannot be, "(3)" only by chance. */
export function formatCells(counts: ReadonlyMap<string, number>): string[] {
  const rows = PLANS.flatMap((plan) =>
    FAULTS.flatMap((fault) => {
      const cells = WAYS.map((way) => textOf({ plan, fault, way }, counts));
      return cells.every((text) => text === '-') ? [] : [[plan, fault, ...cells]];
    }),
  );
  const lines = [['plan', 'disturbed by', ...WAYS], ...rows];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) =>
    line
      .map((text, column) =>
        column < 2 ? text.padEnd(widths?.[column] ?? 0) : text.padStart(widths?.[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

function textOf(cell: Cell, counts: ReadonlyMap<string, number>): string {
  const seen = counts.get(nameOf(cell)) ?? 0;
  if (seen === 0 && IMPOSSIBLE.some((rule) => matches(rule, cell))) return '-';
  return BY_CHANCE.some((rule) => matches(rule, cell)) ? `(${seen})` : String(seen);
}

/** Cells that have to be reached. */
export function listExpected(): Cell[] {
  return listCells().filter((cell) => ![...IMPOSSIBLE, ...BY_CHANCE].some((rule) => matches(rule, cell)));
}

/** "57 of 61 rare states": what `npm test` says of one file. */
export function summarizeCells(counts: ReadonlyMap<string, number>): string {
  const expected = listExpected();
  const reached = expected.filter((cell) => (counts.get(nameOf(cell)) ?? 0) > 0);
  return `${reached.length} of ${expected.length} rare states`;
}

/** Adds a table to those of other test files, where BARWRIGHT_TEST_STATES names a folder. */
export function keepCells(counts: ReadonlyMap<string, number>): void {
  const folder = process.env.BARWRIGHT_TEST_STATES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify(Object.fromEntries(counts))}\n`);
}

/** The sum of all tables in the folder. */
export function readCells(folder: string): CellCounts {
  const sum: CellCounts = new Map();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonl'))) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean)) {
      const counts = JSON.parse(line) as Record<string, number>;
      for (const [name, count] of Object.entries(counts)) sum.set(name, (sum.get(name) ?? 0) + count);
    }
  }
  return sum;
}
