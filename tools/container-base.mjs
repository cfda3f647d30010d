// npm run container-base: the image that deploy/Containerfile begins with, made of Debian's packages and of the Node and
// npm at hand, for a machine that has podman and reaches no image registry. Needs root and debootstrap.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bootstrap, ROOT, runMain } from './bootstrap.mjs';

const RELEASE = 'bookworm';
/** What this machine trusts: its networks may have certificates of their own. */
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const PATHS = ['sbin', 'bin'].flatMap((name) => [`/usr/local/${name}`, `/usr/${name}`, `/${name}`]).join(':');

const run = (program, ...args) => execFileSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });

await runMain(async () => {
  const [, image, version] = /^FROM (node:([\d.]+)\S*)$/m.exec(
    readFileSync(join(ROOT, 'deploy/Containerfile'), 'utf8'),
  );
  const { node } = await bootstrap({ log: console.log });
  const found = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
  if (found !== version) throw new Error(`the container file begins with Node ${version}, here is ${found}`);
  const root = mkdtempSync(join(tmpdir(), 'barwright-base-'));
  try {
    run('debootstrap', '--variant=minbase', RELEASE, root);
    addNode(root, execFileSync(node, ['-p', 'process.execPath'], { encoding: 'utf8' }).trim());
    const tar = ['-c', `tar --create --directory "$1" . | podman import --change "ENV PATH=${PATHS}" - "$2"`];
    run('bash', '-o', 'pipefail', ...tar, 'bash', root, `docker.io/library/${image}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return 0;
});

/** Node, npm and the user node, where the official image has them. */
function addNode(root, node) {
  const modules = join(root, 'usr/local/lib/node_modules');
  mkdirSync(modules, { recursive: true });
  cpSync(node, join(root, 'usr/local/bin/node'), { dereference: true });
  cpSync(dirname(dirname(process.env.npm_execpath)), join(modules, 'npm'), { recursive: true });
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/local/bin', name));
  run('chroot', root, 'useradd', '--uid', '1000', '--user-group', '--create-home', 'node');
  if (!existsSync(CERTIFICATES)) return;
  mkdirSync(join(root, 'etc/ssl/certs'), { recursive: true });
  mkdirSync(join(root, 'usr/local/etc'), { recursive: true });
  cpSync(CERTIFICATES, join(root, CERTIFICATES));
  writeFileSync(join(root, 'usr/local/etc/npmrc'), `cafile=${CERTIFICATES}\n`);
}
