#!/usr/bin/env node
require('./refuse-old-node.cjs');
// By a name: tsc is not to follow it, the program is bundled.
const program = './bin.js';
void import(program);
