/** What a language model may ask: reads alone, each with the arguments that it takes. */
import { z } from 'zod';
import { parseDay } from '../../domain/calendar/day.js';
import { ALIGNMENTS } from '../../domain/calendar/timeframe.js';
import type { ExplainScope } from '../../orchestration/inspect/read-explanation.js';
import { readAssetStatus } from '../../orchestration/inspect/status.js';
import { listAssets } from '../../storage/assets/assets.js';
import type { Database } from '../../storage/session/database.js';
import { readAsset, readBars, readChoices, readEmas, readIndicators } from '../answers/assets.js';
import type { SeriesQuery } from '../answers/params.js';
import { newestRows } from './newest-rows.js';

/** The warehouse, and how old is too old. */
export interface McpContext extends Omit<ExplainScope, 'id' | 'flags'> {
  database: Database;
}

export interface Tool {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  /** The answer as a value for JSON. Throws UsageError or NotFoundError for what there is not. */
  read(context: McpContext, args: Record<string, unknown>): Promise<object>;
}

const MOST_ASSETS = 500;
const MOST_ROWS = 2_000;
const USUAL_ROWS = 120;
const DAY = z.iso.date();

const id = z.int().min(1).max(2_147_483_647).describe('Id of the asset, as the tool "assets" gives it');
const series = z.object({
  id,
  tf: z
    .string()
    .max(32)
    .describe('Timeframe: 1D, 7D, 1W_CAL_ISO, 1M_CAL, 3M_CAL_ANCHOR; the tool "timeframes" lists them'),
  alignment: z.enum(ALIGNMENTS).optional().describe('Left out: the first one that has the timeframe'),
  from: DAY.optional().describe('First day, UTC, such as 2025-01-31'),
  to: DAY.optional().describe('Last day, UTC'),
  rows: z.int().min(1).max(MOST_ROWS).default(USUAL_ROWS).describe('At most so many rows, the newest ones'),
});

/** A tool whose arguments have the types of its input. */
function tool<Input extends z.ZodObject>(
  parts: Omit<Tool, 'input' | 'read'> & {
    input: Input;
    read: (context: McpContext, args: z.infer<Input>) => Promise<object>;
  },
): Tool {
  return { ...parts, read: (context, args) => parts.read(context, args as z.infer<Input>) };
}

function queryOf(args: z.infer<typeof series>): SeriesQuery {
  return {
    ...{
      id: args.id,
      tf: args.tf.toUpperCase(),
      alignment: args.alignment ?? null,
      asofDay: null,
      newest: null,
    },
    fromDay: args.from === undefined ? null : parseDay(args.from),
    toDay: args.to === undefined ? null : parseDay(args.to),
  };
}

/** All tools, in the order in which a client lists them. */
export const TOOLS: readonly Tool[] = [
  tool({
    name: 'assets',
    title: 'Assets',
    description: `Assets of the warehouse by id, symbol and name; retired ones are not active. At most ${MOST_ASSETS}.`,
    input: z.object({
      search: z.string().max(100).default('').describe('Part of a symbol or a name; left out: all'),
    }),
    read: async ({ database }, { search }) => {
      const wanted = search.trim().toLowerCase();
      const isFound = (text: string | null) => text?.toLowerCase().includes(wanted) ?? wanted === '';
      const found = (await database.read(listAssets)).filter(
        ({ symbol, name }) => isFound(symbol) || isFound(name),
      );
      return { found: found.length, assets: found.slice(0, MOST_ASSETS) };
    },
  }),
  tool({
    name: 'timeframes',
    title: 'Timeframes, periods and indicators',
    description:
      'Which timeframes bars and EMAs have, which periods EMAs have, and which indicators are active.',
    input: z.object({}),
    read: ({ database }) => database.read(readChoices),
  }),
  tool({
    name: 'status',
    title: 'Freshness',
    description:
      'How fresh assets are: newest day, age, days that wait, whether barwright is behind the source or the source itself is late.',
    input: z.object({ ids: z.array(id).min(1).max(MOST_ASSETS).optional().describe('Left out: all assets') }),
    read: async ({ database, source, stalenessHours, lateAfter }, { ids }) => ({
      assets: await readAssetStatus(database, {
        ids: ids ?? null,
        source,
        lateAfter,
        ...(stalenessHours !== null && { stalenessHours }),
      }),
    }),
  }),
  tool({
    name: 'bars',
    title: 'Bars',
    description:
      'OHLCV bars of one asset and timeframe as columns, oldest first. The newest may be open: then isLastOpen is true and its values still change.',
    input: series,
    read: async ({ database }, args) =>
      newestRows(await database.read((tx) => readBars(tx, queryOf(args))), args.rows),
  }),
  tool({
    name: 'emas',
    title: 'EMAs',
    description:
      'Daily values of EMAs of one asset and timeframe as columns, oldest first. isClosing is 1 on days on which a bar closed. ema moves with each day; ema_bar is the EMA over bar closes, as if the open bar closed now.',
    input: series.extend({
      periods: z.array(z.int().min(1)).min(1).max(17).describe('Lengths in bars, such as [21, 50]'),
    }),
    read: async ({ database }, args) =>
      newestRows(
        await database.read((tx) =>
          readEmas(tx, { ...queryOf(args), periods: args.periods, kind: null, previews: 'all' }),
        ),
        args.rows,
      ),
  }),
  tool({
    name: 'indicators',
    title: 'Indicators',
    description:
      'Values of active indicators at the closes of one asset and timeframe, oldest first. isLastPreview: the newest value is of a bar that is still open.',
    input: series.extend({
      names: z.array(z.string().max(80)).min(1).max(40).describe('Such as ["rsi_14", "macd_12_26_9"]'),
    }),
    read: async ({ database }, args) =>
      newestRows(
        await database.read((tx) => readIndicators(tx, { ...queryOf(args), names: args.names })),
        args.rows,
      ),
  }),
  tool({
    name: 'explain',
    title: 'Explain an asset',
    description:
      'Why one asset is in the state that it is in, what the next run would do, and what repairs it.',
    input: z.object({ id }),
    read: (context, args) => readAsset(context.database, { ...context, id: args.id }),
  }),
];
