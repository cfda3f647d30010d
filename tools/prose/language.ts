/** Plain English: textlint over texts, by tools/prose/banned.yml and the length of sentences. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { TextlintKernel, type TextlintKernelPlugin, type TextlintKernelRule } from '@textlint/kernel';
import type { Finding, ProseText } from './text.js';

/** CommonJS without types of their own. */
const require = createRequire(import.meta.url);
const prh = require('textlint-rule-prh').default as TextlintKernelRule['rule'];
const sentenceLength = require('textlint-rule-sentence-length').default as TextlintKernelRule['rule'];
const markdown = require('@textlint/textlint-plugin-markdown').default as TextlintKernelPlugin['plugin'];

/** Characters of the longest sentence, code left out: some forty-five words. */
const LONGEST_SENTENCE = 280;

const RULES: TextlintKernelRule[] = [
  {
    ruleId: 'banned turn',
    rule: prh,
    options: { rulePaths: [join(import.meta.dirname, 'banned.yml')], checkLink: true, checkEmphasis: true },
  },
  {
    ruleId: 'long sentence',
    rule: sentenceLength,
    options: { max: LONGEST_SENTENCE, skipPatterns: ['/`[^`]*`/', '/\\([^()]*\\)/'] },
  },
];
const PLUGINS = [{ pluginId: 'markdown', plugin: markdown }];
const kernel = new TextlintKernel();

/** Banned turns and sentences that are too long. */
export async function checkLanguage({ path, text, lines }: ProseText): Promise<Finding[]> {
  const { messages } = await kernel.lintText(text, { ext: '.md', plugins: PLUGINS, rules: RULES });
  return messages.map(({ ruleId, message, loc }) => ({
    path,
    line: lines[loc.start.line - 1] ?? 0,
    message: `${ruleId}: ${message.split('\n')[0]?.replace(/^Line \d+ /, '')}`,
  }));
}
