/** A page, from its first line to its last: each command line ends as it should, and prints what the page shows. */
import { expect } from 'vitest';
import { note } from '../note.js';
import { type Block, type CommandLine, listCommandLines, listShown } from './blocks.js';
import { findLacking, isLeftOut, SHOWN_OTHERWISE, STAYING } from './left-out.js';
import { findUnprinted } from './shown.js';
import type { Stage, Started } from './stage.js';

export interface Scene {
  /** What a reader of this page has before its first line. */
  prepare?(stage: Stage): unknown;
  /** What happens before a line is typed, or before what stands after this line of the text; a text is what was printed then. */
  before?: Record<string, (stage: Stage) => unknown>;
  /** Lines that end with another exit code than 0. */
  ends?: Record<string, number>;
}

/** Runs all of it; what stays is stopped at the end. Fails with the place of the line. */
export async function runPage(blocks: readonly Block[], stage: Stage, scene: Scene): Promise<void> {
  const stayed: [Started, string, readonly number[]][] = [];
  let printed = '';
  for (const block of blocks) {
    const [, file] = /^Save this as `(.+)`:$/.exec(block.after) ?? [];
    if (file !== undefined) {
      stage.write({ [file]: block.code });
      continue;
    }
    const lines = listCommandLines(block);
    const before = await scene.before?.[block.after]?.(stage);
    if (typeof before === 'string') printed = before;
    if (lines.length > 0) printed = '';
    // A session shows how it ends.
    const code = listShown(block).some((line) => line.startsWith('[FAILED]')) ? 1 : 0;
    for (const command of lines) printed += await runLine(command, { stage, scene, stayed, code });
    if (!SHOWN_OTHERWISE.some(({ after }) => after.test(block.after)))
      expect(findUnprinted(listShown(block), printed), `${block.place}, of: ${printed}`).toEqual([]);
  }
  for (const [started, place, codes] of stayed) expectCode(await started.stop(), place, codes);
}

interface Running {
  stage: Stage;
  scene: Scene;
  stayed: [Started, string, readonly number[]][];
  /** How its lines end, where nothing else is listed. */
  code: number;
}

async function runLine(
  { place, line }: CommandLine,
  { stage, scene, stayed, code }: Running,
): Promise<string> {
  const before = await scene.before?.[line]?.(stage);
  const lacking = findLacking(line, stage.folder);
  if (lacking !== null) note(`[INFO] left out: lines of the documents with ${lacking} (not here)`);
  if (isLeftOut(line) || lacking !== null) return typeof before === 'string' ? before : '';
  const at = `${place} ${line}`;
  const stays = STAYING.find((each) => each.line.test(line));
  if (stays === undefined) {
    const end = await stage.run(line);
    expectCode(end, at, [scene.ends?.[line] ?? code]);
    return end.printed;
  }
  const started = await stage.start(line, stays.ready);
  if (stays.isNeededLater) stayed.push([started, at, stays.codes]);
  else expectCode(await started.stop(), at, stays.codes);
  return started.printed();
}

function expectCode(end: { code: number; printed: string }, at: string, codes: readonly number[]): void {
  expect(codes, `${at} ended with ${end.code}: ${end.printed}`).toContain(end.code);
}
