#!/usr/bin/env node
require('./refuse-old-node.cjs');
void import('./bin.js');
