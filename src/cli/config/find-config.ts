import { type ConfigText, listConfigTexts } from '../../storage/settings/config-file.js';

const CONFIG_NAME = 'barwright.config.json';

/**
 * The nearest barwright.config.json, in the working directory or up to five folders above; null when there is none. Light, since
 * every start asks: what reads the file is loaded only where there is one. Throws UsageError on a file that must not be used.
 */
export function findConfigText(cwd: string): ConfigText | null {
  for (const file of listConfigTexts(CONFIG_NAME, cwd)) return file;
  return null;
}
