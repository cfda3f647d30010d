/** Adds a described source to barwright.config.json. */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../domain/text/errors.js';
import { findConfigText } from './find-config.js';

/**
 * Writes the description of one source into the nearest file, or a new one in `cwd`, whole or not at all; returns its path.
 * Throws UsageError where the name is taken or the file reads another single source.
 */
export function writeConfiguredSource(
  cwd: string,
  name: string,
  description: Record<string, unknown>,
): string {
  const file = findConfigText(cwd);
  const path = file?.path ?? join(cwd, 'barwright.config.json');
  const config = file === null ? {} : (JSON.parse(file.text) as Record<string, unknown>);
  if (config.source !== undefined)
    throw new UsageError(`${path}: "source" says what is read; take it away, or describe that table too`);
  const sources = (config.sources ?? {}) as Record<string, unknown>;
  if (Object.hasOwn(sources, name))
    throw new UsageError(
      `${path}: there is a source "${name}" already; --as NAME gives this one another name`,
    );
  const text = `${JSON.stringify({ ...config, sources: { ...sources, [name]: description } }, null, 2)}\n`;
  const temporary = `${path}.part`;
  writeFileSync(temporary, text, { flag: existsSync(temporary) ? 'w' : 'wx' });
  renameSync(temporary, path);
  return path;
}
