/** Rules about what other users of the machine, and those who write what comes in, could do. */
import type { Node } from 'oxc-parser';
import { findNodes, type Rule, type SourceFile } from './source-file.js';

function calledName(node: Node | undefined): string | null {
  if (node?.type !== 'CallExpression') return null;
  const { callee } = node;
  if (callee.type === 'Identifier') return callee.name;
  return callee.type === 'MemberExpression' && callee.property.type === 'Identifier'
    ? callee.property.name
    : null;
}

/** A name in /tmp can be guessed and taken by others; mkdtemp makes one that is ours. */
function findShared(files: readonly SourceFile[]): string[] {
  return findNodes(files, (node, _file, ancestors) => {
    const name = calledName(node);
    if (name === 'enableCompileCache' && node.type === 'CallExpression' && node.arguments.length === 0)
      return 'keeps compiled code in the shared folder for temporary files: name a private one';
    const isMade = () => ancestors.some((above) => /^mkdtemp(Sync)?$/.test(calledName(above) ?? ''));
    if (name === 'tmpdir' && !isMade()) return 'names a thing in the shared folder for temporary files';
    if (node.type === 'Literal' && typeof node.value === 'string' && /^\/(var\/)?tmp(\/|$)/.test(node.value))
      return `names "${node.value}", which every user may write to`;
    return null;
  });
}

export const SAFETY_RULES: readonly Rule[] = [
  {
    name: 'nothing is shared with other users of the machine',
    check: (files) =>
      findShared(files.filter(({ path }) => /^(src|tools)\//.test(path) && !path.endsWith('.test.ts'))),
  },
];
