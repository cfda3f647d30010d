// npm run test:mutations: breaks the program on purpose, one rule at a time, in a copy; a law must fail each time.
import { runTool } from './mutants/run-tool.mjs';

await runTool('tools/mutants/by-hand.ts');
