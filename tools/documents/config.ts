/** The schema of barwright.config.json for editors, and docs/reference/config.md: from the options and their rules. */
import type { Command } from 'commander';
import { z } from 'zod';
import { isSetting, SETTINGS, type SettingRule } from '../../src/cli/config/settings.js';
import { describeProgram } from '../../src/cli/main.js';

const ID = 'barwright.config.schema.json';

/** The JSON schema, as text. */
export async function makeConfigSchema(): Promise<string> {
  const program = await describeProgram();
  const sections = program.commands.flatMap((command) => {
    const own = listRules(command);
    if (own.length === 0) return [];
    const about = `Only for "barwright ${command.name()}". ${command.description()}`;
    const section = z.strictObject(shapeOf(own));
    // A command may be called like a setting: either may stand there.
    const setting = SETTINGS.get(command.name());
    const value = setting === undefined ? section : z.union([setting.value, section]);
    return [[command.name(), value.optional().describe(about)] as const];
  });
  const schema = z.strictObject({
    $schema: z.string().optional().describe('Where this schema is, for the editor'),
    ...shapeOf([...SETTINGS.values()]),
    ...Object.fromEntries(sections),
  });
  const about = { title: 'barwright.config.json', $comment: 'Made by npm run documents' };
  return `${JSON.stringify({ ...z.toJSONSchema(schema), ...about, $id: ID }, null, 2)}\n`;
}

/** The list for people. */
export async function makeConfigDocument(): Promise<string> {
  const program = await describeProgram();
  const rows = [...SETTINGS.values()].map((rule) => {
    const commands = program.commands.filter((command) => listRules(command).includes(rule));
    const names = commands.map((command) => `\`${command.name()}\``).join(', ');
    const variable = rule.variable === null ? '' : `\`${rule.variable}\``;
    const words = rule.option.description.replaceAll('|', '\\|');
    return `| \`${rule.name}\` | ${kindOf(rule)} | ${words} | ${variable} | ${names} |`;
  });
  return `${HEAD}\n${rows.join('\n')}\n`;
}

const HEAD = `# barwright.config.json

Made by \`npm run documents\` from the options; a test fails when it is older than they are.

Put what you do not want to type every time into a file \`barwright.config.json\`, in the working directory or up to five folders above it; the nearest
counts, alone.

\`\`\`json
{
  "$schema": "./node_modules/barwright/${ID}",
  "source": "market.daily_prices",
  "stalenessHours": 72,
  "refresh": { "validate": true, "quiet": true, "numProcesses": 4 },
  "schedule": { "at": ["06:00"], "timezone": "Europe/Berlin" }
}
\`\`\`

- **Names** are those of the flags: \`--staleness-hours 72\` is \`"stalenessHours": 72\`, a flag without a value is \`true\`, a list is an array, \`--no-log-file\` is \`"logFile": false\`.
- **For whom.** At the top: for every command that has the flag. In an object with the name of a command: for that command, and that wins over the top. \`false\` there takes back a \`true\` of the top.
- **What wins:** the command line, then the environment, then this file, then the default. \`barwright doctor\` shows each setting with where it comes from.
- **Mistakes** stop the command with exit code 2 and one sentence that names file, line and setting: a name that is not known, a value of another kind, a file that everybody may write to.
- **Not here:** where the database is. \`db_config.env\` and the environment name it ([Installing](../tasks/install.md#which-database)), since they hold a password and this file is one to be shared. Nor what is
  meant for one run, such as \`--ids\` or \`--full-rebuild\`.
- Help is given without it, and the processes that a run starts do not look for it: their parent tells them everything.
- Editors complete and check the file by the schema, \`${ID}\` in the package.

| setting | value | | environment | commands |
|---|---|---|---|---|`;

/** The settings that a command, or one below it, has. */
function listRules(command: Command): SettingRule[] {
  const own = command.options.flatMap((option) => {
    return [...SETTINGS.values()].filter((rule) => isSetting(rule, option));
  });
  return [...new Set([...own, ...command.commands.flatMap(listRules)])];
}

function shapeOf(rules: readonly SettingRule[]): Record<string, z.ZodType> {
  return Object.fromEntries(
    rules.map(({ name, value, option }) => [name, value.optional().describe(option.description)]),
  );
}

/** "number", "true or false", "list of texts". */
function kindOf({ value }: SettingRule): string {
  const schema = z.toJSONSchema(value) as { type?: string; enum?: string[]; anyOf?: { type?: string }[] };
  if (schema.enum !== undefined) return schema.enum.map((each) => `\`${each}\``).join(', ');
  if (schema.type === 'array') return 'list of texts';
  if (schema.type === 'object')
    return 'object, see [your own tables](../tasks/own-tables.md#describe-other-columns)';
  const words: Record<string, string> = { boolean: 'true or false', string: 'text', integer: 'whole number' };
  const kinds = schema.anyOf?.map((each) => each.type ?? '') ?? [schema.type ?? ''];
  return kinds
    .map((kind) => (schema.anyOf !== undefined && kind === 'boolean' ? 'false' : (words[kind] ?? kind)))
    .join(', or ');
}
