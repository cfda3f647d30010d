// npm start: everything on sample data in barwright's own PostgreSQL, on a fresh clone as on the tenth run.
import { BIN, bootstrap, environment, runInForeground, runMain } from './bootstrap.mjs';

await runMain(async () => {
  const { node } = await bootstrap({ log: (line) => console.log(line) });
  const env = environment({ BARWRIGHT_DB: 'embedded' });
  return runInForeground([node, BIN, 'demo', ...process.argv.slice(2)], { env });
});
