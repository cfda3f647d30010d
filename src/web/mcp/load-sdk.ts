/** The Model Context Protocol's own library. It is an optional package: who never types "barwright mcp" does not need it. */
import { UsageError } from '../../domain/text/errors.js';

export type McpServerClass = typeof import('@modelcontextprotocol/server').McpServer;
type Stdio = typeof import('@modelcontextprotocol/server/stdio');

/** What is used of it. */
export interface Sdk extends Pick<Stdio, 'serveStdio' | 'StdioServerTransport'> {
  McpServer: McpServerClass;
}

const NAME = '@modelcontextprotocol/server';

/** Loads it from where packages are found. Throws UsageError that says how to install it. */
export async function loadSdk(): Promise<Sdk> {
  // Variables: a bundler must not look for a package that need not be there.
  const [server, stdio]: [string, string] = [NAME, `${NAME}/stdio`];
  try {
    const { McpServer } = (await import(server)) as { McpServer: McpServerClass };
    const { serveStdio, StdioServerTransport } = (await import(stdio)) as Stdio;
    return { McpServer, serveStdio, StdioServerTransport };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND')
      throw new Error(`loading the library ${NAME} failed`, { cause: error });
    throw new UsageError(
      `mcp needs the library ${NAME}, which is not installed: type "npm install ${NAME}@2" where barwright is installed`,
    );
  }
}
