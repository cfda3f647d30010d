/** The pages of the static site, made from the documents: where each goes, with its links changed to match. */
import { existsSync, globSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** Pages of the root, by where they go. */
const ROOT_PAGES: Readonly<Record<string, string>> = {
  'README.md': 'about.md',
  'ARCHITECTURE.md': 'architecture.md',
  'CONTRIBUTING.md': 'contributing/index.md',
  'AGENTS.md': 'contributing/agents.md',
  'CHANGELOG.md': 'changelog.md',
};

/** Documents of a checkout with where each goes in the site: `docs/tasks/alerts.md` is `tasks/alerts.md` there. */
export function listPages(root: string): Map<string, string> {
  const documents = globSync('docs/**/*.md', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  return new Map([
    ...Object.entries(ROOT_PAGES),
    ...documents
      .sort()
      .map((path): [string, string] => [
        path,
        path.slice('docs/'.length).replace(/(^|\/)README\.md$/, '$1index.md'),
      ]),
  ]);
}

/** A page as it goes into the site, and the files beside the pages that it links to. */
export interface SitePage {
  text: string;
  /** From the root of the checkout: pictures, examples of settings, licences. */
  files: string[];
}

/** Where a file that is no page goes: pictures stay beside the pages, everything else is a text that a browser shows. */
export function placeOfFile(path: string): string {
  return path.startsWith('docs/') ? path.slice('docs/'.length) : `public/files/${path}.txt`;
}

/**
 * A document with its links changed: to pages, to copies of files. A link to a folder, or to a source, becomes its text.
 * Links that lead nowhere stay, so that VitePress names them.
 */
export function makePage(
  path: string,
  text: string,
  site: { root: string; pages: Map<string, string> },
): SitePage {
  const files: string[] = [];
  const here = site.pages.get(path) ?? path;
  const changed = text.replaceAll(
    /(!?\[(?:[^\]`]|`[^`]*`)*\])\(([^)\s]+)\)/g,
    (whole, label: string, link: string) => {
      const [target = '', anchor] = link.split('#');
      if (/^[a-z]+:/.test(link) || target === '') return whole;
      const file = posix.normalize(posix.join(dirname(path), target));
      const hash = anchor === undefined ? '' : `#${anchor}`;
      const page = site.pages.get(file);
      if (page !== undefined) return `${label}(${relativeTo(here, page)}${hash})`;
      const full = join(site.root, file);
      if (!existsSync(full)) return whole;
      if (statSync(full).isDirectory() || /\.tsx?$/.test(file)) return label.slice(1, -1);
      files.push(file);
      if (label.startsWith('!')) return `${label}(${relativeTo(here, placeOfFile(file))})`;
      return `${label}(/files/${file}.txt)`;
    },
  );
  return { text: changed, files };
}

function relativeTo(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
}

/** A part of the side bar, as VitePress takes it. */
export interface SidebarItem {
  text: string;
  link?: string;
  collapsed?: boolean;
  items?: SidebarItem[];
}

/** The side bar: the headings, groups and links of docs/README.md, in their order. */
export function makeSidebar(text: string, pages: Map<string, string>): SidebarItem[] {
  const sidebar: SidebarItem[] = [];
  let part: SidebarItem[] = sidebar;
  let group: SidebarItem[] = sidebar;
  for (const line of text.split('\n')) {
    const [, heading] = /^## (.*)$/.exec(line) ?? [];
    const [, name] = /^\*\*(.*)\*\*$/.exec(line) ?? [];
    if (heading !== undefined) {
      part = [];
      group = part;
      sidebar.push({ text: heading, collapsed: false, items: part });
    } else if (name !== undefined) {
      group = [];
      part.push({ text: name, collapsed: true, items: group });
    }
    for (const [, title = '', link = ''] of line.matchAll(/\[([^\]]+)\]\(([^)#]+)\)/g)) {
      const page = pages.get(posix.normalize(posix.join('docs', link)));
      if (page !== undefined && (line.startsWith('-') || heading === undefined))
        group.push({
          text: `${title[0]?.toUpperCase()}${title.slice(1)}`,
          link: `/${page.replace(/(index)?\.md$/, '')}`,
        });
    }
  }
  return sidebar;
}
