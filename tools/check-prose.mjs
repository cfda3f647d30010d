// Part of `npm run check`: links, lines, spelling and plain English of all Markdown, and of
// comments, help, messages and titles of tests in the sources. Names each finding by file and line.
import { resolve } from 'node:path';
import { checkMarkdown, checkSources } from './prose/prose.ts';
import { formatFinding } from './prose/text.ts';

const root = resolve(import.meta.dirname, '..');
const findings = [...(await checkMarkdown(root)), ...(await checkSources(root))];
for (const finding of findings) console.error(formatFinding(finding));
if (findings.length > 0) {
  console.error(
    `[FAILED] ${findings.length} findings in documents and sources; words that are right go to tools/prose/words.txt`,
  );
  process.exit(1);
}
