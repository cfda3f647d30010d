#!/usr/bin/env node
require('../cli/refuse-old-node.cjs');
void import('./run-daily-refresh.js');
