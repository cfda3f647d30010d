// npm run test:mutants: breaks the program in drawn places, one at a time, in a copy; some test must fail each time.
import { runTool } from './mutants/run-tool.mjs';

await runTool('tools/mutants/main.ts');
