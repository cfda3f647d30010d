/** Results as JSON, as lines for people, and as docs/contributing/performance.md. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Finding, formatGoal, formatValue, isReached } from './findings.js';
import { SETTINGS } from './server.js';

const RESULTS = new URL('../results/', import.meta.url);
const DOCUMENT = fileURLToPath(new URL('../../docs/contributing/performance.md', import.meta.url));
const BEGIN = '<!-- results: written by npm run bench -->';
const END = '<!-- end of results -->';

export interface Results {
  scale: 'full' | 'quick';
  day: string;
  barwright: string;
  node: string;
  postgresql: string;
  settings: Readonly<Record<string, string>>;
  cores: string;
  memoryGb: number;
  findings: Finding[];
}

/** Everything that a figure has to be read with. */
export function describeMachine(): Pick<Results, 'node' | 'settings' | 'cores' | 'memoryGb'> {
  const [cpu] = cpus();
  return {
    node: process.version,
    settings: SETTINGS,
    cores: `${cpus().length} × ${cpu?.model ?? 'unknown'}`,
    memoryGb: Math.round(totalmem() / 1e9),
  };
}

/** "[OK] B1 full build / its floor: 1.7 (≤ 2); detail". */
export function formatFinding(finding: Finding): string {
  const reached = isReached(finding);
  const tag = reached === null ? '[INFO]' : reached ? '[OK]' : '[FAILED]';
  const { id, what, value, detail, samples } = finding;
  const lines = [`${tag} ${id} ${what}: ${formatValue(value)} (${formatGoal(finding)}); ${detail}`];
  for (const [name, { medianMs, minMs, maxMs, runs }] of Object.entries(samples ?? {}))
    lines.push(
      `       ${name}: median ${medianMs.toFixed(0)} ms, ${minMs.toFixed(0)} to ${maxMs.toFixed(0)}, ${runs} runs`,
    );
  return lines.join('\n');
}

/**
 * Writes bench/results/SCALE.json and, at full scale, the table in docs/contributing/performance.md. Figures that were left out this
 * time stay as they were when they come from the same day, machine and versions.
 */
export function writeResults(now: Results): void {
  mkdirSync(RESULTS, { recursive: true });
  const file = new URL(`${now.scale}.json`, RESULTS);
  const results = { ...now, findings: [...keptFindings(file, now), ...now.findings].sort(byNumber) };
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  if (results.scale !== 'full') return;
  const text = readFileSync(DOCUMENT, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${DOCUMENT} has no place for results`);
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n\n${formatTable(results)}\n${END}${after}`);
}

function byNumber(a: Finding, b: Finding): number {
  return Number(a.id.slice(1)) - Number(b.id.slice(1));
}

function keptFindings(file: URL, now: Results): Finding[] {
  if (!existsSync(file)) return [];
  const before = JSON.parse(readFileSync(file, 'utf8')) as Results;
  const circumstances = ({ findings: _, ...rest }: Results) => JSON.stringify(rest);
  if (circumstances(before) !== circumstances(now)) return [];
  const isMeasured = new Set(now.findings.map(({ id, what }) => `${id} ${what}`));
  return before.findings.filter(({ id, what }) => !isMeasured.has(`${id} ${what}`));
}

function formatTable({ findings, day, node, postgresql, cores, memoryGb, settings }: Results): string {
  const set = Object.entries(settings).map(([name, value]) => `\`${name} = ${value}\``);
  const rows = findings.map((finding) => {
    const reached = isReached(finding);
    const verdict = reached === null ? '' : reached ? 'yes' : '**no**';
    return `| ${finding.id} | ${finding.what} | ${formatGoal(finding)} | ${formatValue(finding.value)} | ${verdict} |`;
  });
  const told = findings.filter(({ detail, samples }) => detail !== '' || samples !== undefined);
  const details = told.map(({ id, what, detail, samples }) => {
    const times = Object.entries(samples ?? {}).map(
      ([name, { medianMs, minMs, maxMs, runs }]) =>
        `${name} ${medianMs.toFixed(0)} ms (${minMs.toFixed(0)} to ${maxMs.toFixed(0)}, ${runs} runs)`,
    );
    return `- ${id}, ${what}: ${[...(detail === '' ? [] : [detail]), ...times].join('; ')}.`;
  });
  return [
    `${day}; ${cores}, ${memoryGb} GB; Node ${node.slice(1)}; PostgreSQL ${postgresql} with ${set.join(', ')}.`,
    '',
    '| | what | goal | found | reached |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    ...details,
    '',
  ].join('\n');
}
