// npm run site: the documents as a static site in site/dist, with search. Its packages are 200 MB that no other command
// needs: the folder site has a lock file of its own, and is installed here. Nothing is downloaded after that.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { writePages } from './site/write-pages.ts';

const ROOT = resolve(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'site');
const INSTALL_TIMEOUT_MS = 600_000;
const BUILD_TIMEOUT_MS = 600_000;

function run(command, args, timeout) {
  const { status, error } = spawnSync(command, args, { cwd: FOLDER, stdio: 'inherit', timeout });
  if (error !== undefined) console.error(`[FAILED] ${error.message}`);
  if (status !== 0) process.exit(1);
}

console.log('[INFO] installing the packages of the site (npm ci in site) ...');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
run(npm, ['ci', '--ignore-scripts', '--loglevel=error'], INSTALL_TIMEOUT_MS);
console.log(`[INFO] ${writePages(ROOT, join(FOLDER, 'pages'))} pages`);
run(process.execPath, [join(FOLDER, 'node_modules/vitepress/bin/vitepress.js'), 'build'], BUILD_TIMEOUT_MS);
console.log('[OK] site/dist: any web server can serve it');
