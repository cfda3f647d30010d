import { Argument, Command } from 'commander';
import { UsageError } from '../../../domain/text/errors.js';
import { type InterruptSignal, SIGNAL_EXIT_CODES } from '../../../orchestration/processes/signals.js';
import { EXPORTS, type ExportKind, type ExportRequest, readExport } from '../../../storage/reading/export.js';
import { DATABASE_OPTIONS, type OptionName, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import { isReaderGone, pourToFile, pourToStdout } from '../../output/write-output.js';
import type { Act } from '../../running/action.js';
import { catchInterrupts } from '../../running/interrupts.js';
import { withDatabase } from '../../running/with-database.js';
import { type ExportValues, runExportFiles } from './export-files.js';

const OPTIONS: readonly OptionName[] = [
  ...(['exportId', 'exportIds', 'format', 'tf', 'tfs', 'alignment', 'period', 'periods'] as const),
  ...(['indicator', 'indicatorNames', 'from', 'to', 'snapshots', 'columns', 'exportOut'] as const),
  ...DATABASE_OPTIONS,
];

/** `barwright export daily | bars | emas | indicators`: one series as CSV; with --format files of many. */
export function exportCommand(act: Act): Command {
  const series = new Argument(
    '<series>',
    'daily: 1D bars; bars: closed bars; emas: the daily grid; indicators: values at closes',
  ).choices(EXPORTS);
  const command = new Command('export')
    .description('Print one series as CSV, or write many as Parquet, Arrow or CSV files.')
    .addArgument(series);
  return withOptions(command, OPTIONS).action((kind: ExportKind, values: ExportValues) => {
    if (values.format !== undefined) return act(runExportFiles(kind, { ...values, format: values.format }));
    refuseMany(values);
    const { id, indicators: _, ...ofOne } = values;
    if (id === undefined)
      return command.error("error: required option '--id <id>' not specified", {
        code: 'commander.missingMandatoryOptionValue',
      });
    return act(runExport(kind, { ...ofOne, ids: 'all', id }));
  });
}

/** Options of many series have no meaning for one. */
function refuseMany(values: ExportValues): void {
  const [name] = (['ids', 'tfs', 'periods', 'indicators', 'columns'] as const).filter(
    (each) => values[each] !== undefined,
  );
  if (name !== undefined)
    throw new UsageError(`--${name} goes with --format, which writes files: --format parquet --out DIR`);
}

async function runExport(kind: ExportKind, values: OptionValues & { id: number }): Promise<number> {
  // Stdout is the CSV's, as it is the JSON's elsewhere.
  const talk = createTalk(true);
  const interrupts = catchInterrupts();
  const count = { lines: 0 };
  try {
    await withDatabase(values, { talk }, (database) =>
      database.read((tx) =>
        pour(countLines(readExport(tx, requestOf(kind, values)), count), interrupts.signal),
      ),
    );
  } catch (error) {
    if (interrupts.signal.aborted) return SIGNAL_EXIT_CODES[interrupts.signal.reason as InterruptSignal];
    if (isReaderGone(error)) return 0;
    throw error;
  } finally {
    interrupts.release();
  }
  if (count.lines <= 1)
    talk.say(`[INFO] no rows of this series; "barwright explain ${values.id}" may say why`);
  else if (values.out !== undefined) talk.say(`[OK] ${values.out}: ${count.lines} lines`);
  return 0;

  function pour(chunks: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
    return values.out === undefined ? pourToStdout(chunks, signal) : pourToFile(values.out, chunks, signal);
  }
}

function requestOf(kind: ExportKind, values: OptionValues & { id: number }): ExportRequest {
  return {
    kind,
    id: values.id,
    tf: values.tf ?? null,
    alignment: values.alignment ?? null,
    period: values.period ?? null,
    indicator: values.indicator ?? null,
    fromDay: values.from ?? null,
    toDay: values.to ?? null,
    hasSnapshots: values.snapshots ?? false,
  };
}

const NEWLINE = 10;

/** Counts lines on the way, the header's included. */
async function* countLines(chunks: AsyncIterable<Buffer>, count: { lines: number }): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    for (const byte of chunk) if (byte === NEWLINE) count.lines++;
    yield chunk;
  }
}
