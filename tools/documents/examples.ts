/** docs/reference/examples.md: the files of examples/, each with what it prints. */
import { dirname, extname } from 'node:path';
import { type Example, readExamples } from './example-file.js';

interface Section {
  folder: string;
  heading: string;
  intro: string;
}

const SECTIONS: readonly Section[] = [
  {
    folder: 'examples/sql/screeners',
    heading: 'Screeners in SQL',
    intro: 'Which assets are worth a look today?',
  },
  {
    folder: 'examples/sql/series',
    heading: 'Series in SQL',
    intro: 'One asset or a few, from one day to another, or as they were on a day.',
  },
  {
    folder: 'examples/sql/operations',
    heading: 'Operations in SQL',
    intro: 'Is the warehouse in order?',
  },
  {
    folder: 'examples/grafana',
    heading: 'Grafana',
    intro:
      'Queries for panels, with the macros of the PostgreSQL data source. The output is that of December 2025, the range\n' +
      'that the test fills in. A ready dashboard: [Grafana](../tasks/logs-and-metrics.md#grafana).',
  },
  {
    folder: 'examples/shell',
    heading: 'Shell',
    intro: 'Each runs as `sh -eu FILE` in an empty folder, with `TARGET_DB_URL` set.',
  },
  {
    folder: 'examples/library',
    heading: 'The library',
    intro:
      'In a program of yours the package is imported by its name: `barwright` and `barwright/domain`. Export by export:\n' +
      '[the API](api.md).',
  },
  {
    folder: 'examples/python',
    heading: 'Python: pandas, polars, DuckDB',
    intro:
      'They read either the database, by psycopg, or files that `barwright export` made. Versions that were tried:\n' +
      '`test/python/requirements.txt`.',
  },
];

const LANGUAGES: Readonly<Record<string, string>> = {
  '.sh': 'sh',
  '.py': 'python',
  '.ts': 'ts',
  '.sql': 'sql',
};

const HEAD = `# Examples

Questions of traders and operators, answered. Each is a file of \`examples/\`. The tests run it: what you see here is
printed by the sample data up to 2025-12-31. \`npm run documents\` makes this page from the files.

To try them, type \`npm start\`. Its sample data have a schema of their own and end yesterday: \`set search_path = sample\`,
and expect other rows where a query asks for the newest day.

**Days.** Times are \`timestamptz\`, and a day is a UTC day. \`ts::date\` gives the day in the time zone of your session; in
New York that may be another one. The column \`day\` of views and functions is the same everywhere. \`interval '1 day'\`
follows the clock of the session too, where a day may have 23 hours: add days to a date, or hours to a time. The tests
ask every query in sessions of UTC, Europe/Berlin and America/New_York and expect the same answer.
`;

/** The page: a list of all examples, then each with its code and output. */
export function makeExamples(checkout: string): string {
  const examples = readExamples(checkout);
  const known = SECTIONS.map(({ folder }) => folder);
  const stray = examples.find(({ path }) => !known.includes(dirname(path)));
  if (stray !== undefined) throw new Error(`${stray.path} lies in no folder of tools/documents/examples.ts`);
  const of = ({ folder }: Section) => examples.filter(({ path }) => dirname(path) === folder);
  const list = SECTIONS.map((section) => {
    const items = of(section).map(({ title }) => `- [${title}](#${anchorOf(title)})`);
    return `**${section.heading}**\n\n${items.join('\n')}\n`;
  });
  const sections = SECTIONS.map(
    (section) => `## ${section.heading}\n\n${section.intro}\n\n${of(section).map(makeEntry).join('\n')}`,
  );
  return `${HEAD}\n${list.join('\n')}\n${sections.join('\n')}`;
}

function makeEntry({ path, title, text, code, output }: Example): string {
  const explained = text === '' ? '' : `${text}\n\n`;
  const language = LANGUAGES[extname(path)] ?? '';
  const file = `From \`${path}\``;
  return `### ${title}\n\n${explained}${file}:\n\n\`\`\`${language}\n${code}\n\`\`\`\n\n\`\`\`text\n${output}\n\`\`\`\n`;
}

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}
