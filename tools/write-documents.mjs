// npm run documents: writes the documents that are made from the sources.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DOCUMENTS } from './documents/documents.ts';

const checkout = resolve(import.meta.dirname, '..');
for (const { path, make } of DOCUMENTS) {
  const file = join(checkout, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, await make(checkout));
  console.log(`[OK] ${path}`);
}
