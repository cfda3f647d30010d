/** Spelling, by cspell: British English, the words of programs, and the project's own list. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CSpellUserSettings, getDefaultSettings, mergeSettings, spellCheckDocument } from 'cspell-lib';
import { blankCode, type Finding, type ProseText } from './text.js';

const WORDS = join(import.meta.dirname, 'words.txt');

/** One word a line; lines that begin with # are comments. */
function readWords(): string[] {
  return readFileSync(WORDS, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

let settings: Promise<CSpellUserSettings> | undefined;

async function readSettings(): Promise<CSpellUserSettings> {
  return mergeSettings(await getDefaultSettings(), { language: 'en-GB', words: readWords() });
}

/** Words that no dictionary has. */
export async function checkSpelling({ path, text, lines }: ProseText): Promise<Finding[]> {
  settings ??= readSettings();
  const { issues } = await spellCheckDocument(
    { uri: `file:///${path}`, text: blankCode(text), languageId: 'plaintext', locale: 'en-GB' },
    { generateSuggestions: false, noConfigSearch: true },
    await settings,
  );
  return issues.map(({ text: word, offset }) => ({
    path,
    line: lines[text.slice(0, offset).split('\n').length - 1] ?? 0,
    message: `unknown word: ${word}`,
  }));
}
