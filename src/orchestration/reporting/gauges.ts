/** Gauges that the file of a run and /metrics have in common. */
import type { Registry } from 'prom-client';
import { formatDay } from '../../domain/calendar/day.js';
import type { AssetLag } from '../../storage/planning/lag.js';
import type { OpenFindings } from '../../storage/prices/findings.js';
import type { AssetLateness } from '../lateness/read-lateness.js';

const PREFIX = 'barwright_';
const SUCCESS = 'last_success_timestamp_seconds';
export const LAST_SUCCESS = `${PREFIX}${SUCCESS}`;

/** Makes a gauge; its name begins with barwright_ in the text. */
export type Define = <L extends string>(
  name: string,
  help: string,
  labelNames: L[],
) => { set(value: number): void; set(labels: Partial<Record<L, string | number>>, value: number): void };

/** A registry of its own, and how gauges are made in it. `labels` stand on every sample. */
export async function createGauges(
  labels: Record<string, string>,
): Promise<{ registry: Registry; define: Define }> {
  const prom = await import('prom-client');
  const registry: Registry = new prom.Registry();
  registry.setDefaultLabels(labels);
  return {
    registry,
    define: (name, help, labelNames) =>
      new prom.Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers: [registry] }),
  };
}

/** `sec`: epoch seconds. */
export function addLastSuccess(define: Define, sec: number): void {
  define(SUCCESS, 'When the last run ended in which everything was done.', []).set(sec);
}

/** Expected days that every active asset lacks, and how many are late. */
export function addLateness(define: Define, assets: readonly AssetLateness[]): void {
  const missing = define('asset_missing_days', 'Expected days that are over and have no price.', [
    'id',
    'symbol',
  ]);
  const late = define('asset_late', '1: late at its source for longer than the grace, else 0.', [
    'id',
    'symbol',
  ]);
  for (const { id, symbol, state, missingDays } of assets) {
    const labels = { id, symbol: symbol ?? '' };
    missing.set(labels, missingDays);
    late.set(labels, state === 'late' ? 1 : 0);
  }
}

/** What findings are open: a gauge of counts, and one sample for each of the newest. */
export function addFindings(define: Define, { counts, newest }: OpenFindings): void {
  const count = define('findings', 'Days that are not plausible and are not accepted.', ['kind', 'age']);
  for (const each of counts) count.set({ kind: each.kind, age: each.isOld ? 'old' : 'recent' }, each.count);
  const factor = define('finding_factor', 'How far a day is from what is plausible; the newest of them.', [
    'id',
    'day',
    'kind',
  ]);
  for (const { id, day, kind, factor: value } of newest) factor.set({ id, day: formatDay(day), kind }, value);
}

/** Age and lag of every asset. */
export function addAssets(define: Define, assets: readonly AssetLag[]): void {
  const of = (name: string, help: string) => define(`asset_${name}`, help, ['id', 'symbol']);
  const last = of('last_source_timestamp_seconds', 'Time of the newest price that was read.');
  const age = of('age_seconds', 'Age of the newest price that was read, at the end of the run.');
  const lag = of('lag_seconds', 'How far the source is ahead of the bars; 0 is level.');
  const waiting = of('waiting_rows', 'Source rows that wait for a refresh.');
  const proven = of(
    'proven_timestamp_seconds',
    'When its source was last compared with its fingerprint and was the same.',
  );
  for (const asset of assets) {
    const labels = { id: asset.id, symbol: asset.symbol ?? '' };
    if (asset.lastSourceSec !== null) last.set(labels, asset.lastSourceSec);
    if (asset.ageSec !== null) age.set(labels, asset.ageSec);
    if (asset.lagSec !== null) lag.set(labels, asset.lagSec);
    waiting.set(labels, asset.waitingRows);
    if (asset.provenSec !== null) proven.set(labels, asset.provenSec);
  }
}
