#!/usr/bin/env node
// Nothing is imported before the version check: an old Node must get a sentence, not a syntax error.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(`barwright needs Node 22.12 or newer, this is ${process.versions.node}`);
  process.exitCode = 2;
} else {
  // Overwrites the argument list that other users can read: a typed --db-url must not stay in it.
  const argv = process.argv.slice(2);
  process.title = 'barwright';
  const { main } = await import('./main.js');
  process.exitCode = await main(argv);
}
