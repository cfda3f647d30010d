import { Option } from 'commander';
import { EXPORT_FORMATS } from '../../components/export/formats/names.js';
import { parseDay } from '../../domain/calendar/day.js';
import { ALIGNMENTS } from '../../domain/calendar/timeframe.js';
import { parseNames, parsePeriod, parseSingleId, parseTimeframe } from './option-values.js';

/** What "export" takes: of one series, and with --format of many. */
export const EXPORT_OPTIONS = {
  exportId: () => new Option('--id <id>', 'Asset (CoinMarketCap id)').argParser(parseSingleId),
  exportIds: () =>
    new Option('--ids <ids>', 'With --format: comma-separated IDs or "all" (default: all active ones)'),
  format: () =>
    new Option(
      '--format <format>',
      'Write many series as files, one for each asset, to the folder --out',
    ).choices(EXPORT_FORMATS),
  tf: () => new Option('--tf <timeframe>', 'Timeframe, such as 7D or 1M_CAL').argParser(parseTimeframe),
  alignment: () =>
    new Option(
      '--alignment <name>',
      'Alignment, where a timeframe has several (default: the first; with --format: all)',
    ).choices(ALIGNMENTS),
  period: () => new Option('--period <period>', 'EMA period, such as 21').argParser(parsePeriod),
  indicator: () => new Option('--indicator <name>', 'Indicator, such as rsi_14 or macd_12_26_9.signal'),
  indicatorNames: () =>
    new Option(
      '--indicators <names>',
      'With --format: only these, such as rsi_14,macd_12_26_9.signal',
    ).argParser(parseNames),
  from: () => new Option('--from <day>', 'First day, such as 2025-01-31').argParser(parseDay),
  to: () => new Option('--to <day>', 'Last day').argParser(parseDay),
  snapshots: () => new Option('--snapshots', 'Bars as of every day, not closed ones only'),
  columns: () =>
    new Option(
      '--columns <names>',
      'With --format: only these columns, beside those that name a row',
    ).argParser(parseNames),
  exportOut: () =>
    new Option(
      '--out <path>',
      'Write this file, whole or not at all (default: stdout); with --format: this folder',
    ),
} as const satisfies Record<string, () => Option>;
