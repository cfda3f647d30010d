/** The rule about the order of rows: a statement whose rows are taken in order says so at its top level. */
import type { Node } from 'oxc-parser';
import { findNodes, isProduct, type Rule, textOf } from './source-file.js';

/** A group in parentheses, with what it holds besides other groups. */
interface Group {
  /** The word or sign before the parenthesis. */
  before: string;
  own: string;
  parent: Group | null;
}

const SUBQUERY = /^\s*(select|with|values)\b/i;
const READ = /^\s*(select|with)\b/i;
const ORDER = /\border by\b/i;

/**
 * What a read says of order in the wrong place; null: nothing. An order inside a subquery chooses rows, with a limit or
 * `distinct on`; it promises nothing about the rows that come out. So one that chooses nothing is a mistake, and where
 * one chooses several rows, the statement names the order of its own.
 */
function findInnerOrder(sql: string): string | null {
  const groups = groupsOf(sql);
  const [top] = groups;
  for (const { own, before } of groups.slice(1)) {
    if (!SUBQUERY.test(own) || !ORDER.test(own)) continue;
    const [, limit] = /\blimit\s+(\S+)/i.exec(own) ?? [];
    const isDistinct = /\bdistinct on\b/i.test(own);
    if (limit === undefined && !isDistinct)
      return 'orders the rows of a subquery, which promises nothing: order the statement';
    const isChoice = isDistinct || limit === '1' || /\b(in|exists|any|array)$/i.test(before);
    if (!isChoice && top !== undefined && READ.test(top.own) && !ORDER.test(top.own))
      return 'takes several rows in the order of a subquery: order the statement';
  }
  return null;
}

/** The statement itself first, then every group in it. Text in quotes is left out. */
function groupsOf(sql: string): Group[] {
  const text = sql.replace(/--[^\n]*/g, '').replace(/'(?:[^']|'')*'/g, "''");
  const top: Group = { before: '', own: '', parent: null };
  const groups = [top];
  let group: Group | null = top;
  for (const sign of text) {
    if (group === null) break;
    if (sign === '(') {
      const inner: Group = { before: group.own.trimEnd(), own: '', parent: group };
      groups.push(inner);
      group = inner;
    } else if (sign === ')') {
      group = group.parent;
      if (group !== null) group.own += ' ';
    } else group.own += sign;
  }
  return groups;
}

function isRead(node: Node): node is Node {
  const text = textOf(node);
  return text !== null && ORDER.test(text);
}

export const ORDER_RULES: readonly Rule[] = [
  {
    name: 'a read names the order of its rows at its top level',
    check: (files) =>
      findNodes(
        files.filter((file) => isProduct(file) && file.path.startsWith('src/storage/')),
        (node) => (isRead(node) ? findInnerOrder(textOf(node) ?? '') : null),
      ),
  },
];
