/** The tools as a server of the Model Context Protocol: every answer says from which database and up to which day it is. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import { formatDay } from '../../domain/calendar/day.js';
import { VERSION } from '../../orchestration/program/version.js';
import { readWatermarks } from '../../storage/reading/watermarks.js';
import { answerOf } from '../answers/errors.js';
import type { LiveState } from '../api/api-types.js';
import { toJson } from '../server/json.js';
import type { McpServerClass } from './load-sdk.js';
import { type McpContext, TOOLS, type Tool } from './tools.js';

const INSTRUCTIONS = `A warehouse of daily prices. All days are UTC. Begin with "assets" for ids and "timeframes" for names.
The watermark of an answer is the newest day that bars, EMAs and indicators have reached; null: there are none.`;

export interface McpScope extends McpContext {
  warehouse: LiveState['warehouse'];
  /** Before the first read: the schema is one of this barwright. */
  ensureSchema: () => Promise<void>;
}

/** A server with all tools, for one connection. */
export function createMcpServer(McpServer: McpServerClass, scope: McpScope): InstanceType<McpServerClass> {
  const server = new McpServer(
    { name: 'barwright', version: VERSION },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  for (const tool of TOOLS)
    server.registerTool(
      tool.name,
      {
        title: tool.title,
        description: tool.description,
        inputSchema: tool.input,
        annotations: { readOnlyHint: true, openWorldHint: false },
      },
      async (args) => answer(scope, tool, args as Record<string, unknown>),
    );
  return server;
}

/** The value, or one sentence of what is wrong; never a secret. */
async function answer(scope: McpScope, tool: Tool, args: Record<string, unknown>): Promise<CallToolResult> {
  try {
    await scope.ensureSchema();
    const found = await tool.read(scope, args);
    const { warehouse } = scope;
    return textOf({ warehouse, watermark: await readWatermark(scope, args), ...found });
  } catch (error) {
    return { ...textOf(answerOf(error)), isError: true };
  }
}

function textOf(value: object): CallToolResult {
  return { content: [{ type: 'text', text: toJson(value) }] };
}

/** Of the asset that was asked for; left out where it was none or several. */
async function readWatermark(
  { database }: McpScope,
  { id }: Record<string, unknown>,
): Promise<Record<string, string | null> | undefined> {
  if (typeof id !== 'number') return undefined;
  const watermarks = await database.read((tx) => readWatermarks(tx, id));
  const texts = Object.entries(watermarks).map(([name, day]) => [name, day === null ? null : formatDay(day)]);
  return Object.fromEntries(texts);
}
