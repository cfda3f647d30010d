/** Bases that are not what a rebuild has on their day: none, unless something is broken. */
import { formatDay } from '../../domain/calendar/day.js';
import { type Alignment, hasBars, type Timeframe } from '../../domain/calendar/timeframe.js';
import { KERNEL_VERSION } from '../../domain/emas/series.js';
import { rebuildEmaAsset } from '../../domain/planning/rebuild.js';
import type { DayColumns } from '../../domain/prices/days.js';
import { readBarBases } from '../../storage/bars/bases.js';
import { encodeRow, type TableShape } from '../../storage/copy/differences.js';
import { listDamagedBases, readEmaBasesIn } from '../../storage/emas/bases.js';
import { readDailyBases } from '../../storage/prices/daily-bases.js';
import { alignmentKey } from '../../storage/series/series.js';
import type { Tx } from '../../storage/session/database.js';
import { Rebuilds } from './rebuilds.js';
import { SHAPES } from './stored-asset.js';

/** One row of a base, or one series of it. */
export interface WrongBase {
  table: 'daily_base' | 'bar_base' | 'ema_base';
  /** "alignment" or "alignment tf"; null: it is of the whole asset. */
  series: string | null;
  remark: string;
}

interface Scope {
  id: number;
  rebuilds: Rebuilds;
  timeframes: readonly Timeframe[];
}

/** The bases of one asset that are damaged, or that its stored 1D bars do not make. null: it has none. */
export async function findWrongBases(
  tx: Tx,
  { id, days, timeframes }: { id: number; days: DayColumns | null; timeframes: readonly Timeframe[] },
): Promise<WrongBase[]> {
  const damaged = (await listDamagedBases(tx, id)).map(
    ({ table, alignment }): WrongBase => ({ table, series: alignment, remark: 'its hash is another one' }),
  );
  if (days === null || days.length === 0) return damaged;
  const scope = { id, rebuilds: new Rebuilds(days), timeframes };
  return [...damaged, ...(await findWrongBars(tx, scope)), ...(await findWrongEmas(tx, scope))];
}

async function findWrongBars(tx: Tx, { id, rebuilds, timeframes }: Scope): Promise<WrongBase[]> {
  const wrong: WrongBase[] = [];
  for (const base of (await readDailyBases(tx, [id])).get(id) ?? []) {
    const remark = `base of ${formatDay(base.lastDay)}`;
    if (rebuilds.daysUpTo(base.lastDay).length !== base.barSeq || rebuilds.days.day[0] !== base.firstDay)
      wrong.push({ table: 'daily_base', series: null, remark });
    const rows = await readBarBases(tx, [{ id, base }]);
    for (const timeframe of timeframes.filter(hasBars)) {
      const { alignment, tf } = timeframe;
      const stored = rows.get(alignmentKey(id, alignment))?.series.get(tf);
      const { state } = rebuilds.barsUpTo(timeframe, base.lastDay);
      if (stored === undefined || state === null) continue;
      const row = { id, alignment, tf };
      if (!isSameRow(SHAPES.barStates, { ...row, state: stored }, { ...row, state }))
        wrong.push({ table: 'bar_base', series: `${alignment} ${tf}`, remark });
    }
  }
  return wrong;
}

/** One of another kernel is never used, and nothing here computes as that one did. */
async function findWrongEmas(tx: Tx, { id, rebuilds, timeframes }: Scope): Promise<WrongBase[]> {
  const wrong: WrongBase[] = [];
  for (const slot of [0, 1]) {
    for (const { alignment, asset, series } of (await readEmaBasesIn(tx, id, slot)).values()) {
      if (asset === null || asset.kernelVersion !== KERNEL_VERSION) continue;
      const day = asset.watermarkDay;
      const remark = `base of ${formatDay(day)}`;
      const expected = rebuildEmaAsset(rebuilds.daysUpTo(day), asset.periods);
      if (
        expected === null ||
        !isSameRow(SHAPES.emaAssets, { id, alignment, state: asset }, { id, alignment, state: expected })
      )
        wrong.push({ table: 'ema_base', series: alignment, remark });
      for (const timeframe of timeframes.filter((each) => each.alignment === alignment)) {
        const stored = series.get(timeframe.tf);
        if (stored === undefined) continue;
        const { state } = rebuilds.emasUpTo(timeframe, asset.periods, day);
        const row = { id, alignment, tf: timeframe.tf };
        if (state === null || !isSameRow(SHAPES.emaStates, { ...row, state: stored }, { ...row, state }))
          wrong.push({ table: 'ema_base', series: `${alignment} ${timeframe.tf}`, remark });
      }
    }
  }
  return wrong;
}

function isSameRow<T>(shape: TableShape<T>, a: T, b: T): boolean {
  return encodeRow(shape, a).equals(encodeRow(shape, b));
}

/** The alignments of wrong bases of EMAs. */
export function alignmentsOf(wrong: readonly WrongBase[]): Alignment[] {
  const names = wrong.flatMap(({ table, series }) =>
    table === 'ema_base' && series !== null ? [series] : [],
  );
  return [...new Set(names.map((name) => name.split(' ')[0] as Alignment))];
}
