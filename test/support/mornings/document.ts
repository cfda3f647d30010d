/** docs/reference/nights.md, made of what the mornings showed. */
import type { Morning, Seen } from './morning.js';

const HEAD = `# Nights

What somebody sees who looks at a run of the night: the first five lines under the heading of the summary, the exit code, whether anybody is
alerted, and what \`barwright check\` says. Every morning is a real one: real processes, real PostgreSQL. This file is written by
\`test/e2e/mornings.test.ts\` when all of its mornings passed; it changes only when a result does. What differs from machine to machine and from day to day is in
angle brackets.
`;

/** The whole document. */
export function formatMornings(seen: readonly { morning: Morning; seen: Seen | null }[]): string {
  const rows = seen.map(({ morning, seen }, k) => {
    const what = `| ${k + 1} | ${morning.night} |`;
    if (seen === null) return `${what} left out here | | |`;
    return `${what} ${seen.exitCode} | ${seen.alert ?? '-'} | ${seen.check === 0 ? 'OK' : 'FAILED'} |`;
  });
  const screens = seen.flatMap(({ morning, seen }, k) =>
    seen === null
      ? []
      : [`## ${k + 1}. ${sentence(morning.night)}`, '', '```text', ...seen.lines.map(plain), '```', ''],
  );
  return [
    HEAD,
    '| | the night | exit | alert | check |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    ...screens,
  ].join('\n');
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Without what is another thing the next time. */
function plain(line: string): string {
  return line
    .replaceAll(/postgresql:\/\/\S+?(?=[,\s]|$)/g, '<database>')
    .replaceAll(/\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: UTC|Z)?)?/g, '<time>')
    .replaceAll(/\(\d+(?:\.\d+)? (?:h|days)\)/g, '(<age>)')
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<run>')
    .replaceAll(/(run |runs )[0-9a-f]{8}\b/g, '$1<run>')
    .replaceAll(/\b[0-9a-f]{32}\b/g, '<digits>')
    .replaceAll(/ on \S+, process \d+/g, ' on <host>, process <pid>')
    .replaceAll(/process \d+/g, 'process <pid>')
    .replaceAll(/pg_terminate_backend\(\d+\)/g, 'pg_terminate_backend(<pid>)')
    .replaceAll(/pg_tblspc\/\S+/g, 'pg_tblspc/<file>')
    .replaceAll(/barwright_\w+/g, '<role>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
    .replaceAll(/rows needed \d+, written \d+/g, 'rows needed <rows>, written <rows>')
    .replaceAll(/\b\d+\.\d+ s\b/g, '<seconds> s')
    .replaceAll(/without \d{3}_\w+/g, 'without <migration>')
    .replaceAll(/is [\d.,]+ times/g, 'is <factor> times')
    .replaceAll(/last price [\d.]+ (?:h|days) ago/g, 'last price <age> ago')
    .replaceAll(/\/tmp\/\S+/g, '<path>');
}
