// npm pack, npm publish: dist as the sources say, with nothing in it that was built from a source that is gone.
import { bootstrap, runMain } from './bootstrap.mjs';

await runMain(async () => {
  // Standard output is npm's: it may be asked for JSON.
  await bootstrap({ log: (line) => console.error(line) });
  return 0;
});
