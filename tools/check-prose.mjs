// Part of `npm run check`: links, lines, spelling and plain English of all Markdown. Names each finding by file and line.
import { resolve } from 'node:path';
import { checkMarkdown } from './prose/prose.ts';
import { formatFinding } from './prose/text.ts';

const findings = await checkMarkdown(resolve(import.meta.dirname, '..'));
for (const finding of findings) console.error(formatFinding(finding));
if (findings.length > 0) {
  console.error(
    `[FAILED] ${findings.length} findings in the documents; words that are right go to tools/prose/words.txt`,
  );
  process.exit(1);
}
