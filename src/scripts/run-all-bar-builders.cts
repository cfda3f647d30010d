#!/usr/bin/env node
require('../cli/refuse-old-node.cjs');
// By a name: tsc is not to follow it, the program is bundled.
const program = './run-all-bar-builders.js';
void import(program);
