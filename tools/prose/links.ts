/** Links between documents: to files that exist, and to headings in them. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { blankFences, type Finding, type ProseText } from './text.js';

/** The anchor that a heading gets. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '');
  return words.trim().replaceAll(' ', '-');
}

function listAnchors(file: string): string[] {
  const prose = blankFences(readFileSync(file, 'utf8'));
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading ?? ''));
}

/** What is wrong with a link of a document; null when it leads somewhere. Addresses of the web are not asked. */
function findFault(link: string, { root, path }: { root: string; path: string }): string | null {
  if (/^[a-z]+:/.test(link)) return null;
  const [target = '', anchor] = link.split('#');
  const file = target === '' ? join(root, path) : resolve(root, dirname(path), target);
  if (relative(root, file).startsWith('..')) return 'leads out of the checkout';
  if (!existsSync(file)) return 'there is no such file';
  if (anchor === undefined) return null;
  if (statSync(file).isDirectory()) return 'a folder has no headings';
  return listAnchors(file).includes(anchor) ? null : 'there is no such heading';
}

/** Links of a document that lead nowhere; `root` is the checkout. */
export function checkLinks({ path, text, lines }: ProseText, root: string): Finding[] {
  return blankFences(text)
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
        const fault = findFault(link, { root, path });
        return fault === null
          ? []
          : [{ path, line: lines[index] ?? 0, message: `dead link: ${link}: ${fault}` }];
      }),
    );
}
