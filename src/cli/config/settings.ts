/** Flags that barwright.config.json may have, by their names as options, with their values. */
import { Option } from 'commander';
import { z } from 'zod';
import { PLAIN_CALENDARS } from '../../domain/calendar/calendar.js';
import { exchangeCalendar, listExchanges } from '../../domain/calendar/exchanges.js';
import { ALIGNMENTS } from '../../domain/calendar/timeframe.js';
import { VOLUME_UNITS } from '../../domain/prices/currency.js';
import { COLUMN_ROLES, DAY_ENDS, DAY_UNITS } from '../../domain/source/description.js';
import { createOption, type OptionName } from '../options/options.js';

const Flag = z.boolean();
const Text = z.string().min(1);
const Hours = z.number().positive();
const Seconds = z.number().positive().max(1_000_000);
const Count = z.int().min(1).max(999);
const List = z.array(Text).min(1);
const Column = (what: string) => z.string().min(1).optional().describe(what);
const LateAfter = z.union([z.int().min(0).max(999), z.string().regex(/^[0-9]{1,3}[dh]?$/)]);
const Source = z
  .strictObject({
    table: Text.optional().describe(
      'Table or view, such as market.candles; left out for cmc_price_histories7, of which only calendar and lateAfter are said',
    ),
    calendar: z
      .string()
      .regex(/^(?:daily|weekdays|none|learnt|[A-Z0-9]{4})$/)
      .refine((name) => PLAIN_CALENDARS.some((plain) => plain === name) || exchangeCalendar(name) !== null, {
        error: `${PLAIN_CALENDARS.join(', ')} or one of ${listExchanges().join(' ')} was expected`,
      })
      .optional()
      .describe('When its prices are expected; what is chosen for an asset wins'),
    lateAfter: LateAfter.optional().describe(
      'Expected days that may be missing, such as 2, or hours after the end of a day, such as "12h"; wins over --late-after',
    ),
    columns: z
      .strictObject({
        id: z
          .union([z.string().min(1), z.int().positive()])
          .optional()
          .describe('Id of the asset, or the id of the only one'),
        ...Object.fromEntries(
          COLUMN_ROLES.filter((role) => role !== 'id').map((role) => [role, Column(`Column of ${role}`)]),
        ),
      })
      .optional()
      .describe('Column of each role, where it is not called like the role'),
    unit: z.enum(DAY_UNITS).optional().describe('What a number in the day column counts since 1970'),
    day: z
      .enum(DAY_ENDS)
      .optional()
      .describe('Whether the day column names a day by its opening (default) or its closing'),
    zone: Text.optional().describe('IANA time zone whose days the rows are (default: UTC)'),
    session: z.boolean().optional().describe('Rows are trading hours with times of their own'),
    currency: Text.optional().describe('What prices are in, such as USD'),
    volume: z.enum(VOLUME_UNITS).optional().describe('What volume is counted in'),
  })
  .describe('One table or view of prices');

/**
 * What one does not want to type. Not here: where the database is (db_config.env and the environment say that, and this file
 * is read by more people), and what is meant for one run only, such as --ids, --tfs,
 * --full-rebuild, --yes.
 */
const VALUES = {
  schema: Text,
  source: Text,
  sources: z.record(z.string().min(1), Source),
  dataDir: Text,
  verbose: Flag,
  quiet: Flag,
  strict: Flag,
  continueOnError: Flag,
  skipStaleCheck: Flag,
  stalenessHours: Hours,
  lateAfter: LateAfter,
  allowLate: Flag,
  numProcesses: Count,
  timeout: Seconds,
  validate: Flag,
  alertOnError: Flag,
  alertExec: Text,
  logFile: z.union([Text, z.literal(false)]),
  metricsFile: Text,
  skipBadRows: Flag,
  limit: Count,
  alignment: z.enum(ALIGNMENTS),
  maxAge: Hours,
  allowSkipped: Flag,
  whole: Flag,
  host: Text,
  port: z.int().min(0).max(65_535),
  allowRun: Flag,
  allowedHosts: List,
  at: List,
  cron: Text,
  timezone: Text,
  ingestFiles: List,
  fetch: List,
  roundTimeout: Seconds,
} as const satisfies Partial<Record<OptionName | 'sources', z.ZodType>>;

/** What only the file can say: no command has such a flag. */
const FILE_ONLY: readonly SettingRule[] = [
  {
    name: 'indicators',
    option: new Option('--indicator-files <files>', 'Files with indicators of your own'),
    value: List,
    variable: null,
  },
];

/** Variables that mean the same as a setting and are not read by the option itself. */
const VARIABLES: Partial<Record<keyof typeof VALUES, string>> = { dataDir: 'BARWRIGHT_DATA_DIR' };

/** One setting: its name in the file, and the flag that it stands for. */
export interface SettingRule {
  name: string;
  option: Option;
  value: z.ZodType;
  /** The environment variable that wins over the file; null: there is none. */
  variable: string | null;
}

/** Whether a command's option is this setting; one of the same name and another meaning is not. */
export function isSetting(rule: SettingRule, option: Option): boolean {
  return rule.option.flags === option.flags && rule.option.description === option.description;
}

/** Every setting by its name in the file. */
export const SETTINGS: ReadonlyMap<string, SettingRule> = new Map([
  ...FILE_ONLY.map((rule) => [rule.name, rule] as const),
  ...(Object.keys(VALUES) as (keyof typeof VALUES)[]).map((key): [string, SettingRule] => {
    const option: Option = createOption(key === 'sources' ? 'source' : key);
    // Descriptions of several sources are one value of the flag that names one.
    const name = key === 'sources' ? key : option.attributeName();
    const variable = option.envVar ?? VARIABLES[key] ?? null;
    return [name, { name, option, value: VALUES[key], variable }];
  }),
]);
