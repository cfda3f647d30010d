/** Writes the pages of the static site, its side bar, and the files that pages link to. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listPages, makePage, makeSidebar, placeOfFile } from './pages.js';

/** Writes them into `folder`, which is emptied before; returns how many pages there are. */
export function writePages(root: string, folder: string): number {
  rmSync(folder, { recursive: true, force: true });
  const pages = listPages(root);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, place] of pages) {
    const { text, files } = makePage(path, readFileSync(join(root, path), 'utf8'), { root, pages });
    write(place, text);
    for (const file of files) {
      const copy = join(folder, placeOfFile(file));
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(join(root, file), copy);
    }
  }
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
  write('sidebar.json', JSON.stringify(makeSidebar(index, pages)));
  return pages.size;
}
