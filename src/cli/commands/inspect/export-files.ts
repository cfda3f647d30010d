import { resolve } from 'node:path';
import type { FilesReport } from '../../../components/export/export-files.js';
import type { ExportFormat } from '../../../components/export/formats/names.js';
import { UsageError } from '../../../domain/text/errors.js';
import { parseIdList } from '../../../domain/text/ids.js';
import { type InterruptSignal, SIGNAL_EXIT_CODES } from '../../../orchestration/processes/signals.js';
import { VERSION } from '../../../orchestration/program/version.js';
import type { ExportKind } from '../../../storage/reading/export.js';
import type { OptionValues } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import { chooseAssets } from '../../running/choose-assets.js';
import { catchInterrupts } from '../../running/interrupts.js';
import { withDatabase } from '../../running/with-database.js';

/** `--indicators` is a flag of other commands; here it is a list of names. */
export type ExportValues = Omit<OptionValues, 'ids' | 'indicators'> & { ids?: string; indicators?: string[] };

/** Files of many series: `barwright export KIND --format FORMAT --out DIR`. */
export async function runExportFiles(
  kind: ExportKind,
  { indicators, ...values }: ExportValues & { format: ExportFormat },
): Promise<number> {
  const directory = resolve(folderOf(values));
  const talk = createTalk(false);
  const interrupts = catchInterrupts();
  const startedMs = performance.now();
  try {
    // Loaded when it is asked for: its libraries are of no other command.
    const { exportFiles } = await import('../../../components/export/export-files.js');
    const report = await withDatabase({ ...values, ids: 'all' }, { talk }, async (database) => {
      const ids = parseIdList(values.ids ?? 'all');
      const assets = await chooseAssets(database, ids);
      return exportFiles(database, {
        ...{ directory, kind, format: values.format, version: VERSION, signal: interrupts.signal },
        ...{ ids: assets.map(({ id }) => id), isAll: ids === null },
        request: {
          alignment: values.alignment ?? null,
          tfs: values.tfs ?? null,
          periods: values.periods ?? null,
          indicators: indicators ?? null,
          columns: values.columns ?? null,
          fromDay: values.from ?? null,
          toDay: values.to ?? null,
          hasSnapshots: values.snapshots ?? false,
        },
      });
    });
    for (const path of report.removed) talk.say(`[INFO] removed ${path}: its asset is not active any more`);
    talk.conclude(
      `[OK] ${directory}: ${describe(report)}, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`,
    );
    return 0;
  } catch (error) {
    if (!interrupts.signal.aborted) throw error;
    talk.say('[INFO] stopped: what is written is whole; the same command writes the rest');
    return SIGNAL_EXIT_CODES[interrupts.signal.reason as InterruptSignal];
  } finally {
    interrupts.release();
  }
}

/** What a single series takes has another name here. */
const OF_ONE = [
  ['id', '--ids'],
  ['tf', '--tfs'],
  ['period', '--periods'],
  ['indicator', '--indicators'],
] as const;

function folderOf(values: ExportValues): string {
  const wrong = OF_ONE.find(([name]) => values[name] !== undefined);
  if (wrong !== undefined)
    throw new UsageError(`--${wrong[0]} is for one series, with --format type ${wrong[1]}`);
  if (values.out === undefined) throw new UsageError('--format writes files: type --out and a folder');
  return values.out;
}

function describe({ written, unchanged, empty, rows, bytes }: FilesReport): string {
  const count = (number: number, one: string, several: string) => `${number} ${number === 1 ? one : several}`;
  return [
    `${count(written, 'asset', 'assets')} written`,
    `${unchanged} unchanged`,
    ...(empty > 0 ? [`${empty} without rows`] : []),
    `${count(rows, 'row', 'rows')}`,
    `${(bytes / 1e6).toFixed(1)} MB`,
  ].join(', ');
}
