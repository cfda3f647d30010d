/** Runs a world operation by operation and says after each of them what must be true. */
import { expect } from 'vitest';
import { TIMEFRAMES } from '../../../src/domain/calendar/timeframe.js';
import type { KeptSums } from '../../../src/domain/prices/kept.js';
import { readDailyStates } from '../../../src/storage/planning/bar-facts.js';
import { listUnjudged } from '../../../src/storage/prices/findings.js';
import { readKeptSums as readSums } from '../../../src/storage/prices/kept-days.js';
import type { Database } from '../../../src/storage/session/database.js';
import { execute } from '../component-runs.js';
import { expectComplete, listWrong, readVersions, withoutVersion } from './checks.js';
import { startLateWriter } from './late-writer.js';
import { beginWorld, type ModelDatabases, rebuildElsewhere } from './model-database.js';
import {
  IDLE_CHANGES,
  IDS,
  indicatorNamed,
  type Operation,
  type RefreshOperation,
  WHOLE,
  type World,
} from './operations.js';
import type { CellCounts } from './rare-states.js';
import type { Runner } from './runner.js';
import {
  appendPrices,
  bringBack,
  deleteShare,
  loseOldest,
  upsertAgain,
  writeChange,
} from './source-changes.js';
import { expectViewsAsKernel } from './view-check.js';
import { readPlanKinds, StateWatch } from './watch-states.js';
import { noCounts, type WorldCounts } from './world-counts.js';

/** What the model knows beside the database. */
interface Known {
  databases: ModelDatabases;
  run: Runner;
  active: Set<number>;
  /** Assets about which something was written since a whole run has been over them. */
  dirty: Set<number>;
  states: StateWatch;
}

/** Runs a world, and adds the states that it reaches to `cells`; throws (expect) at the first thing that is not as it must be. */
export async function runWorld(
  databases: ModelDatabases,
  world: World,
  { run, cells }: { run: Runner; cells: CellCounts },
): Promise<WorldCounts> {
  await beginWorld(databases, world);
  const states = new StateWatch(cells);
  const known: Known = { databases, run, active: new Set(IDS), dirty: new Set(IDS), states };
  const counts = { ...noCounts(), sequences: 1 };
  for (const operation of world.operations) {
    if (operation.type === 'refresh') {
      counts.refreshes += 1;
      const { isLate, isKilled, isCut, changed } = await checkRefresh(known, operation);
      for (const id of changed) counts.viewRows += await expectViewsAsKernel(databases.live, id);
      if (isLate) counts.lateWrites += 1;
      if (isKilled) counts.kills += 1;
      if (isCut) counts.cuts += 1;
    } else {
      // What writes to the source alone has just been seen to change no stored row.
      await checkWrite(known, operation);
      if (isShown(operation)) {
        counts.viewRows += await expectViewsAsKernel(
          databases.live,
          IDS[counts.operations % IDS.length] ?? 1,
        );
      }
    }
    counts.operations += 1;
  }
  const { viewRows, keptDays } = await checkEnd(known);
  counts.viewRows += viewRows;
  counts.keptDays += keptDays;
  return counts;
}

/** Whether it can change what views show: they join the timeframes and periods that there are. */
function isShown({ type }: Operation): boolean {
  return type.endsWith('_timeframe') || type.endsWith('_period');
}

/** In the end a whole run over everything gives what a database that knows no past has: of the source and of what is kept, and then of the source alone. */
async function checkEnd(known: Known): Promise<Pick<WorldCounts, 'viewRows' | 'keptDays'>> {
  const { live, source } = known.databases;
  await execute(live, 'update dim_assets set active = true where not active');
  known.active = new Set(IDS);
  const { done } = await checkRefresh(known, WHOLE);
  const kept = await readKeptSums(live, done);
  if (kept.size > 0) {
    const { stored, rebuilt } = await rebuildElsewhere(known.databases, [...kept.keys()]);
    expect(stored, 'of the source and of what is kept').toEqual(rebuilt);
  }
  await checkRefresh(known, { ...WHOLE, acceptDeletions: true });
  const rows = await live.read((tx) => tx.query<[number]>(`select distinct id from ${source} order by id`));
  const { stored, rebuilt } = await rebuildElsewhere(
    known.databases,
    rows.map(([id]) => id),
  );
  expect(stored).toEqual(rebuilt);
  expect((await readKeptSums(live, IDS)).size).toBe(0);
  let viewRows = 0;
  for (const id of IDS) viewRows += await expectViewsAsKernel(live, id);
  return { viewRows, keptDays: [...kept.values()].reduce((sum, { gone }) => sum + gone, 0) };
}

function readKeptSums(live: Database, ids: readonly number[]): Promise<Map<number, KeptSums>> {
  return live.read((tx) => readSums(tx, ids));
}

/** Anything but a run touches no row that a run has stored. */
async function checkWrite(known: Known, operation: Exclude<Operation, RefreshOperation>): Promise<void> {
  const { live } = known.databases;
  const before = await readVersions(live, IDS);
  const touched = await write(known, operation);
  for (const id of touched) known.dirty.add(id);
  expect(await readVersions(live, IDS)).toEqual(before);
}

/** Does it; returns the assets whose rows may have to change. */
async function write(
  known: Known,
  operation: Exclude<Operation, RefreshOperation>,
): Promise<readonly number[]> {
  const { live, source } = known.databases;
  switch (operation.type) {
    case 'append':
      return (await appendPrices(live, source, operation)) > 0 ? [operation.id] : [];
    case 'change': {
      const { change } = operation;
      const rows = await live.transaction((tx) => writeChange(tx, source, change));
      return rows > 0 && !IDLE_CHANGES.includes(change.kind) ? [change.id] : [];
    }
    case 'shrink':
      return (await deleteShare(live, source, operation)) > 0 ? [operation.id] : [];
    case 'lose_oldest':
      return (await loseOldest(live, source, operation)) > 0 ? [operation.id] : [];
    case 'bring_back':
      return (await bringBack(live, source, operation)) > 0 ? [operation.id] : [];
    case 'ingest_again':
      await upsertAgain(live, source, operation.id);
      return [];
    case 'retire':
    case 'restore':
      await execute(live, 'update dim_assets set active = $2 where id = $1', [
        operation.id,
        operation.type === 'restore',
      ]);
      known.active[operation.type === 'restore' ? 'add' : 'delete'](operation.id);
      return [];
    default:
      await writeDimension(live, operation);
      return IDS;
  }
}

type DimensionOperation = Extract<
  Operation,
  {
    type:
      | 'add_timeframe'
      | 'remove_timeframe'
      | 'add_period'
      | 'remove_period'
      | 'add_indicator'
      | 'remove_indicator';
  }
>;

const PICK = (table: string) =>
  `delete from ${table} d using (
     select ctid from ${table} order by 1 offset $1 % (select greatest(count(*), 1) from ${table}) limit 1) p
   where d.ctid = p.ctid and (select count(*) from ${table}) > 1`;

async function writeDimension(live: Database, operation: DimensionOperation): Promise<void> {
  switch (operation.type) {
    case 'add_timeframe': {
      const added = TIMEFRAMES[operation.index];
      await execute(live, 'insert into dim_timeframe values ($1, $2) on conflict do nothing', [
        added?.alignment,
        added?.tf,
      ]);
      return;
    }
    case 'remove_timeframe':
      await execute(live, PICK('dim_timeframe'), [operation.index]);
      return;
    case 'add_period':
      await execute(live, 'insert into dim_period values ($1) on conflict do nothing', [operation.period]);
      return;
    case 'remove_period':
      await execute(live, PICK('dim_period'), [operation.index]);
      return;
    case 'add_indicator':
      await execute(live, 'insert into dim_indicator values ($1) on conflict do nothing', [
        indicatorNamed(operation.index),
      ]);
      return;
    case 'remove_indicator':
      await execute(live, 'delete from dim_indicator where name = $1', [indicatorNamed(operation.index)]);
  }
}

interface CheckedRefresh {
  isLate: boolean;
  isKilled: boolean;
  isCut: boolean;
  changed: number[];
  /** Assets whose bars ran to their end. */
  done: number[];
}

/** One run; returns what disturbed it, and of whom rows have changed. */
async function checkRefresh(known: Known, operation: RefreshOperation): Promise<CheckedRefresh> {
  const { live, source, relation } = known.databases;
  const ids = (operation.ids ?? IDS).filter((id) => known.active.has(id));
  const before = await readVersions(live, IDS);
  const unjudged = new Set((await live.read(listUnjudged)).map(({ id }) => id));
  // What is kept goes when somebody accepts the source.
  if (operation.acceptDeletions) for (const id of (await readKeptSums(live, ids)).keys()) known.dirty.add(id);
  const writer = operation.late === null ? null : await startLateWriter(live, source, operation.late);
  const tfs = await pickTimeframes(live, operation.tfs);
  const plans = await readPlanKinds(live, { ids, relation, tfs, operation });
  const outcomes = await known.run({ operation, ids, tfs, databases: known.databases, writer });
  const lateRows = (await writer?.finish()) ?? 0;
  const isLate = (id: number) =>
    operation.late?.id === id && !IDLE_CHANGES.includes(operation.late.kind) && lateRows > 0;
  const after = await readVersions(live, IDS);
  // A rebuild is work in itself, and done when EMAs have followed.
  if (operation.fullRebuild) for (const id of ids) known.dirty.add(id);
  for (const id of IDS) {
    if (!ids.includes(id) || outcomes.blocked.has(id)) {
      // Every run judges the bars that a killed one has left unjudged, and notes it in the 1D state.
      const seen = (versions: typeof before) => withoutVersion(versions.get(id), unjudged.has(id));
      expect(seen(after), `asset ${id} was not to be touched`).toEqual(seen(before));
    } else if (!known.dirty.has(id) && !isLate(id)) {
      expect(after.get(id), `nothing was new of asset ${id}`).toEqual(before.get(id));
    }
  }
  const isSame = (id: number) => JSON.stringify(after.get(id)) === JSON.stringify(before.get(id));
  const changed = IDS.filter((id) => !isSame(id));
  const { done, retried, isKilled, isCut } = outcomes;
  const ended = isKilled ? 'killed' : isCut ? 'connection lost' : null;
  known.states.note({ plans, done, ended, retried: [...retried], changed, late: IDS.filter(isLate) });
  await expectRebuilt(known, {
    operation,
    settled: outcomes.done.filter((id) => !isLate(id)),
    changed,
  });
  for (const id of IDS) if (isLate(id)) known.dirty.add(id);
  return { isLate: lateRows > 0, isKilled, isCut, changed, done };
}

async function pickTimeframes(live: Database, picks: readonly number[] | null): Promise<string[] | null> {
  if (picks === null) return null;
  const rows = await live.read((tx) =>
    tx.query<[string]>('select distinct tf from dim_timeframe order by 1'),
  );
  return [...new Set(picks.map((pick) => rows[pick % rows.length]?.[0] ?? ''))];
}

/**
 * Stored = rebuilt: from the source for assets that were just settled, from the 1D bars for others of which a row has
 * changed. (Where no row has changed the verdict cannot have either.)
 */
async function expectRebuilt(
  known: Known,
  { operation, settled, changed }: { operation: RefreshOperation; settled: number[]; changed: number[] },
): Promise<void> {
  const { live, relation } = known.databases;
  const { builders, families, tfs, stages } = operation;
  // Of an asset that was never read all that a late write has brought is missing, and rightly so.
  const states = await live.read((tx) => readDailyStates(tx, settled));
  const read = settled.filter((id) => states.get(id)?.lastSrcUs != null);
  const fromSource = builders === null || builders.includes('1d') ? read : [];
  const others = changed.filter((id) => !fromSource.includes(id));
  expect(await listWrong(live, fromSource, { relation }), 'stored = rebuilt from the source').toEqual([]);
  expect(await listWrong(live, others, null), 'stored = rebuilt from the 1D bars').toEqual([]);
  if (stages !== 'both' || builders !== null || families !== null || tfs !== null) return;
  for (const id of settled) known.dirty.delete(id);
  await expectComplete(live, settled);
}
