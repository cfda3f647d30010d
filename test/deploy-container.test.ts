/** deploy/Containerfile and deploy/compose.yaml: read as their programs would read them; e2e/container.test.ts builds them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DCLinter } from 'dclint';
import { validate } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { runCli } from './support/cli.js';

const FOLDER = resolve(import.meta.dirname, '../deploy');
const textOf = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

/** The words of `NAME ["word", …]` in the container file. */
function wordsOf(name: string): string[] {
  const [, list] = new RegExp(`${name} (\\[.*\\])$`, 'm').exec(textOf('Containerfile')) ?? [];
  return z.array(z.string()).parse(JSON.parse(list ?? 'null'));
}

/** Without a database a command line that can be read ends with one sentence, the same for all. */
async function expectTypeable(words: readonly string[]): Promise<void> {
  const { code, stdout } = await runCli(words, { env: { BARWRIGHT_TOKEN: 'x'.repeat(20) } });
  expect({ words, code }).toEqual({ words, code: 2 });
  expect(stdout).toMatch(/^no database is named\. /m);
}

describe('Containerfile', () => {
  test('a linter finds nothing, and finds what is wrong', () => {
    const lint = (text: string) =>
      validate(text).map(({ message, range }) => `${range.start.line + 1} ${message}`);
    expect(lint(textOf('Containerfile'))).toEqual([]);
    expect(lint(textOf('Containerfile').replace('WORKDIR', 'WORKDIRS'))).toEqual([
      expect.stringContaining('Unknown instruction: WORKDIRS'),
    ]);
  });

  test('it begins with an exact Node that barwright may run on, and does not run as root', () => {
    const [, version] = /^FROM node:(\d+\.\d+\.\d+)-[\w-]+$/m.exec(textOf('Containerfile')) ?? [];
    const { devDependencies } = JSON.parse(readFileSync(join(FOLDER, '../package.json'), 'utf8'));
    expect(version).toBe(devDependencies.node);
    expect(textOf('Containerfile')).toMatch(/^USER node$/m);
  });

  test('its commands can be typed', async () => {
    expect(wordsOf('ENTRYPOINT')).toEqual(['barwright']);
    await expectTypeable(wordsOf('\nCMD'));
    const [program, ...check] = wordsOf('HEALTHCHECK .* CMD');
    expect(program).toBe('barwright');
    await expectTypeable(check);
  });
});

const Condition = z.strictObject({
  condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
});
const Duration = z.string().regex(/^(\d+(h|m|s|ms))+$/);
/** What of the Compose specification is used here; strict, so that what the tests below rely on is of this shape. */
const Service = z.strictObject({
  image: z.string().regex(/^[a-z0-9./-]+(:[\w.-]+)?$/),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  env_file: z.string().optional(),
  secrets: z.array(z.string()).optional(),
  volumes: z.array(z.string().regex(/^[\w./-]+:\/[\w./-]+(:ro)?$/)).optional(),
  ports: z.array(z.string()).optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  shm_size: z.string().optional(),
  stop_grace_period: Duration.optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  healthcheck: z
    .union([
      z.strictObject({ disable: z.literal(true) }),
      z.strictObject({ test: z.array(z.string()), interval: Duration, timeout: Duration, retries: z.int() }),
    ])
    .optional(),
  depends_on: z.record(z.string(), Condition).optional(),
});
const Compose = z.strictObject({
  name: z.string(),
  'x-barwright': z.unknown(),
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.strictObject({})),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
});

const LintResults = z.array(
  z.object({ messages: z.array(z.object({ type: z.string(), rule: z.string(), message: z.string() })) }),
);

describe('compose.yaml', () => {
  const document = parseDocument(textOf('compose.yaml'), { merge: true, strict: true, uniqueKeys: true });
  const compose = Compose.parse(document.toJS());
  const services = Object.entries(compose.services);

  test('it is YAML without a fault, and of the shape that Compose wants', () => {
    expect([...document.errors, ...document.warnings]).toEqual([]);
    expect(services.map(([name]) => name)).toEqual(['db', 'init', 'schedule', 'dashboard']);
  });

  test('the schema of the Compose specification takes it, and does not take what is wrong', () => {
    const folder = mkdtempSync(join(tmpdir(), 'barwright-compose-'));
    /** Errors of the linter, by their rule; of its warnings, which are about order and quotes, there are others. */
    const lint = (text: string) => {
      const file = join(folder, 'compose.yaml');
      writeFileSync(file, text);
      const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
      const messages = LintResults.parse(linter.lintFiles([file], false)).flatMap(
        (result) => result.messages,
      );
      return messages
        .filter(({ type }) => type === 'error')
        .map(({ rule, message }) => `${rule}: ${message}`);
    };
    const text = textOf('compose.yaml');
    expect(lint(text)).toEqual([]);
    for (const [right, wrong] of [
      ['shm_size:', 'shm-size:'],
      ['condition: service_healthy', 'condition: healthy'],
      ['retries: 30', 'retries: [30]'],
    ] as const) {
      expect(text).toContain(right);
      expect(lint(text.replace(right, wrong)), wrong).toEqual([expect.stringMatching(/^invalid-schema: /)]);
    }
    rmSync(folder, { recursive: true });
  });

  test('what it refers to is there', () => {
    for (const [name, { depends_on = {}, volumes = [], secrets = [], build }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const found = compose.services[other];
        expect(found, `${name} needs ${other}`).toBeDefined();
        if (condition === 'service_healthy') expect(found?.healthcheck, other).toHaveProperty('test');
      }
      const named = volumes
        .map((volume) => volume.split(':')[0] ?? '')
        .filter((volume) => /^\w/.test(volume));
      expect(Object.keys(compose.volumes), name).toEqual(expect.arrayContaining(named));
      expect(Object.keys(compose.secrets), name).toEqual(expect.arrayContaining(secrets));
      if (build !== undefined) expect(existsSync(join(FOLDER, build.context, build.dockerfile))).toBe(true);
    }
  });

  test('no port is open to other machines, and our containers may do nothing but write their volume', () => {
    for (const [name, service] of services) {
      for (const port of service.ports ?? []) expect(port, name).toMatch(/^127\.0\.0\.1:/);
      if (service.image !== 'barwright') continue;
      expect(service, name).toMatchObject({ read_only: true, cap_drop: ['ALL'], env_file: 'environment' });
    }
  });

  test('its commands can be typed', async () => {
    for (const [, { image, command = [] }] of services)
      if (image === 'barwright') await expectTypeable(command);
  });
});
