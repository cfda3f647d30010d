/** The judge of the rare states: it names what is empty, and what cannot be. */
import { expect, test } from 'vitest';
import {
  BY_CHANCE,
  type Cell,
  type CellCounts,
  countCell,
  formatCells,
  IMPOSSIBLE,
  judgeCells,
  listCells,
  nameOf,
  summarizeCells,
} from './rare-states.js';
import { StateWatch } from './watch-states.js';

/** A table in which every cell that can occur was seen once. */
function fullTable(): CellCounts {
  const wrong = new Set(judgeCells(new Map()).map((sentence) => sentence.replace(/: never reached$/, '')));
  return new Map([...wrong].map((name) => [name, 1]));
}

test('a full table passes; an empty cell is named', () => {
  const counts = fullTable();
  expect(judgeCells(counts)).toEqual([]);
  expect(counts.size).toBeGreaterThan(30);
  for (const name of [...counts.keys()]) {
    const missing = new Map(counts);
    missing.delete(name);
    expect(judgeCells(missing)).toEqual([`${name}: never reached`]);
  }
});

test('a cell that cannot be is named with the reason when it is seen', () => {
  const counts = fullTable();
  const cell: Cell = { plan: 'none', fault: 'killed before', way: 'next: append' };
  countCell(counts, cell);
  expect(judgeCells(counts)).toEqual([
    `${nameOf(cell)}: seen 1 times, though nothing is written, so there is no commit`,
  ]);
});

test('every rule is about some cell, and has a reason', () => {
  for (const { plans, faults, ways, why } of [...IMPOSSIBLE, ...BY_CHANCE]) {
    const isAbout = ({ plan, fault, way }: Cell) =>
      (plans?.includes(plan) ?? true) && (faults?.includes(fault) ?? true) && (ways?.includes(way) ?? true);
    expect(listCells().filter(isAbout).length).toBeGreaterThan(0);
    expect(why).not.toBe('');
  }
});

test('the table has a line for each plan and disturbance that can meet', () => {
  const lines = formatCells(fullTable());
  expect(lines[0]).toMatch(/^plan +disturbed by +at once +tried again +next: none/);
  expect(lines).toContainEqual(expect.stringMatching(/^append +nothing +1 +- +-/));
  expect(lines.some((line) => /^blocked +killed/.test(line))).toBe(false);
  expect(summarizeCells(fullTable())).toMatch(/^(\d+) of \1 rare states$/);
});

test('runs are watched asset by asset: what was disturbed waits for the next run over it', () => {
  const counts: CellCounts = new Map();
  const watch = new StateWatch(counts);
  const none = { ended: null, retried: [], late: [] } as const;
  const plans = (...kinds: ('append' | 'rebuild' | 'none' | 'repair from a base' | 'blocked')[]) =>
    new Map(kinds.map((kind, index) => [index + 1, kind]));
  watch.note({ ...none, plans: plans('rebuild', 'rebuild', 'none'), done: [1, 2, 3], changed: [1, 2] });
  watch.note({ ...none, plans: plans('append', 'append'), done: [], changed: [1], ended: 'killed' });
  watch.note({ ...none, plans: plans('none', 'append', 'blocked'), done: [1, 2], changed: [2], late: [2] });
  watch.note({
    ...none,
    plans: plans('append', 'repair from a base', 'append'),
    done: [1, 2, 3],
    changed: [1, 2, 3],
    retried: [1],
  });
  expect(Object.fromEntries(counts)).toEqual({
    'rebuild | nothing | at once': 2,
    'none | nothing | at once': 2,
    'append | killed after | next: none': 1,
    'append | killed before | next: append': 1,
    'append | late write | next: repair': 1,
    'append | connection lost before | tried again': 1,
    'repair from a base | nothing | at once': 1,
    'blocked | nothing | next: append': 1,
    'append | nothing | at once': 1,
  });
});
