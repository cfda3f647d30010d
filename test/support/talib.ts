/** TA-Lib, asked by its own Python wrapper, where a Python is there that has it. */
import { execFileSync } from 'node:child_process';
import type { BarColumns } from '../../src/domain/indicators/parts/kind.js';
import { note } from './note.js';

const PYTHON = process.env.BARWRIGHT_PYTHON ?? 'python3';

/** Version of TA-Lib; null where it is not installed, and that is said. */
export const TALIB = findTalib();

function findTalib(): string | null {
  try {
    const version = runPython('import talib; print(talib.__version__)', '').trim();
    note(`[INFO] TA-Lib: used (${version})`);
    return version;
  } catch {
    note(
      '[INFO] left out: indicators against TA-Lib ("python3 -m venv DIR && DIR/bin/pip install TA-Lib==0.8.1", then BARWRIGHT_PYTHON=DIR/bin/python)',
    );
    return null;
  }
}

function runPython(program: string, input: string): string {
  return execFileSync(PYTHON, ['-c', program], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: 'pipe',
  });
}

/** What each expression gives in Python, where o, h, l, c and v are the bars' columns; null where it has no value. */
export function askTalib(
  expressions: Readonly<Record<string, string>>,
  bars: BarColumns,
): Record<string, (number | null)[]> {
  const program = `
import json, sys
import numpy as np
import talib
given = json.load(sys.stdin)
o, h, l, c, v = (np.array(given[k], dtype=float) for k in ('open', 'high', 'low', 'close', 'volume'))
answers = {}
for name, expression in given['expressions'].items():
    values = eval(expression)
    answers[name] = [None if x != x else float(x) for x in values]
json.dump(answers, sys.stdout)
`;
  const columns = Object.fromEntries(
    (['open', 'high', 'low', 'close', 'volume'] as const).map((field) => [
      field,
      [...bars[field].subarray(0, bars.length)],
    ]),
  );
  return JSON.parse(runPython(program, JSON.stringify({ ...columns, expressions })));
}
