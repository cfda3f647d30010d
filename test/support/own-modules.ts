/** Folders with barwright.config.json and indicators of the user's own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export interface ModuleFolder {
  /** The working directory. */
  cwd: string;
  /** Writes a file of indicators; returns its path. */
  write(name: string, text: string): string;
}

/** A folder whose configuration names these files, which are there once they are written; without any there is none. */
export function createModuleFolder(...names: readonly string[]): ModuleFolder {
  const cwd = mkdtempSync(join(tmpdir(), 'barwright-modules-'));
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));
  const indicators = names.map((name) => `./${name}`);
  if (names.length > 0) writeFileSync(join(cwd, 'barwright.config.json'), JSON.stringify({ indicators }));
  return {
    cwd,
    write(name, text) {
      const path = join(cwd, name);
      writeFileSync(path, text, { mode: 0o644 });
      return path;
    },
  };
}

/** A module with one value a bar; `step` is the body of a function of state, bars and position. */
export function moduleText(step: string, { name = 'my_own', more = '' } = {}): string {
  return `export const indicator = {
  name: '${name}', fields: ['close'], outputs: [{ name: '', firstAt: () => 0 }], ${more}
  start: () => ({ step(state, bars, position) { ${step} } }),
};
`;
}
