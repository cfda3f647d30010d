#!/usr/bin/env node
import { startProgram } from './start-program.js';

await startProgram('barwright', async (argv) => {
  const { main } = await import('./main.js');
  return main(argv);
});
