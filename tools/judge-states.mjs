// node --import ./test/support/run-typescript.mjs tools/judge-states.mjs FOLDER [--print]: the table of rare states; code 1 when one is missing.
import { existsSync } from 'node:fs';
import { formatCells, judgeCells, readCells, summarizeCells } from '../test/support/model/rare-states.ts';

const [folder, flag] = process.argv.slice(2);
if (existsSync(folder)) {
  const cells = readCells(folder);
  for (const line of formatCells(cells)) console.log(line);
  console.log(`[INFO] ${summarizeCells(cells)} reached`);
  const wrong = flag === '--print' ? [] : judgeCells(cells);
  for (const sentence of wrong) console.log(`[FAILED] ${sentence}`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} else if (flag !== '--print') {
  console.log(`[FAILED] no model test has written its states to ${folder}`);
  process.exitCode = 1;
}
