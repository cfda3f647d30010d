/** Scores of the layers, for the terminal and for docs/contributing/testing.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MutatedLayer } from './mutant.js';

export interface Score {
  layer: MutatedLayer;
  caught: number;
  /** Drawn, but listed as changing nothing. */
  equivalents: number;
  survivors: string[];
}

const DOCUMENT = 'docs/contributing/testing.md';
const [BEGIN, END] = ['<!-- scores of mutants -->', '<!-- end of scores -->'];

const drawnOf = ({ caught, survivors }: Score) => caught + survivors.length;
const percentOf = (caught: number, drawn: number) =>
  drawn === 0 ? '' : `${Math.floor((100 * caught) / drawn)} %`;

/** A line for each layer and one for all. */
export function scoreLines(scores: readonly Score[]): string[] {
  return [...scores, totalOf(scores)].map(
    (score) =>
      `${score.layer}: ${score.caught} of ${drawnOf(score)} caught (${percentOf(score.caught, drawnOf(score))}), ${score.equivalents} equivalent`,
  );
}

function totalOf(scores: readonly Score[]): Omit<Score, 'layer'> & { layer: string } & Score {
  const sum = (get: (score: Score) => number) => scores.reduce((total, score) => total + get(score), 0);
  return {
    layer: 'all' as MutatedLayer,
    caught: sum(({ caught }) => caught),
    equivalents: sum(({ equivalents }) => equivalents),
    survivors: scores.flatMap(({ survivors }) => survivors),
  };
}

/** Puts the table into the document. */
export function writeScores(
  root: string,
  scores: readonly Score[],
  { seed, day }: { seed: number; day: string },
): void {
  const path = join(root, DOCUMENT);
  const text = readFileSync(path, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${DOCUMENT} has no place for the scores`);
  const rows = [...scores, totalOf(scores)].map(
    (score) =>
      `| ${score.layer} | ${drawnOf(score)} | ${score.caught} | ${percentOf(score.caught, drawnOf(score))} |`,
  );
  const table = ['| layer | drawn | caught | score |', '|---|---|---|---|', ...rows].join('\n');
  const head = `Seed ${seed}, ${day}:`;
  writeFileSync(path, `${text.slice(0, begin)}${BEGIN}\n${head}\n\n${table}\n${text.slice(end)}`);
}
