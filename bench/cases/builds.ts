/** B1 and B8: everything built from nothing, with one worker and with two, against the floor. */

import { availableParallelism } from 'node:os';
import type { Finding } from '../support/findings.js';
import { contentsOf, exportWritten, freezeForm, nextTransaction, timeFloor } from '../support/floor.js';
import { medianOf, type Sample, sampleOf } from '../support/measure.js';
import { endedChildrenMs } from '../support/processor-time.js';
import { type ProgramRun, refresh, rowsOf } from '../support/program.js';
import { type BenchServer, settle } from '../support/server.js';
import { createSeeded } from '../support/warehouse.js';

const SOURCE = 'select * from cmc_price_histories7';

/** Builds `assets` × `years` by one process, by two and by the floor, in turn, each in a copy of the same database. */
export async function measureBuilds(
  server: BenchServer,
  { assets, years, runs }: { assets: number; years: number; runs: number },
): Promise<Finding[]> {
  await createSeeded(server, 'b1_seeded', { assets, years });
  const times: Record<'one' | 'two' | 'floor', number[]> = { one: [], two: [], floor: [] };
  const busy: Record<'program' | 'server', number[]> = { program: [], server: [] };
  let last: ProgramRun | null = null;
  let megabytes = 0;
  for (let run = 0; run < runs; run += 1) {
    times.two.push((await buildOnce(server, 'b1_two', ['-n', '2'])).durationMs);
    await server.drop('b1_two');
    const xid = await beginBuild(server, 'b1');
    const [programMs, serverMs] = [endedChildrenMs(process.pid), server.processorMs()];
    last = await refresh(server.url('b1'), ['-n', '1']);
    times.one.push(last.durationMs);
    busy.program.push(endedChildrenMs(process.pid) - programMs);
    busy.server.push(server.processorMs() - serverMs);
    const floor = await floorOnce(server, xid);
    times.floor.push(floor.durationMs);
    megabytes = floor.megabytes;
    await server.drop('b1');
  }
  await server.drop('b1_seeded');
  if (last === null) throw new Error('nothing was built');
  const samples = { one: sampleOf(times.one), two: sampleOf(times.two), floor: sampleOf(times.floor) };
  const busyMs = { program: medianOf(busy.program), server: medianOf(busy.server) };
  return findingsOf(samples, { last, megabytes, busyMs, what: `${assets} assets × ${years} years` });
}

async function beginBuild(server: BenchServer, name: string): Promise<string> {
  await server.create(name, 'b1_seeded');
  const xid = await nextTransaction(server.url(name));
  await settle(server.url(name));
  return xid;
}

async function buildOnce(server: BenchServer, name: string, args: readonly string[]): Promise<ProgramRun> {
  await beginBuild(server, name);
  return refresh(server.url(name), args);
}

async function floorOnce(
  server: BenchServer,
  xid: string,
): Promise<{ durationMs: number; megabytes: number }> {
  const written = await exportWritten(server.url('b1'), { xid, isBuild: true });
  try {
    await beginBuild(server, 'b1_floor');
    await freezeForm(server.url('b1_floor'));
    const { totalMs: durationMs } = await timeFloor(server.url('b1_floor'), written, {
      source: SOURCE,
      isUpsert: false,
    });
    await expectSame(server, 'b1', 'b1_floor');
    await server.drop('b1_floor');
    return { durationMs, megabytes: written.bytes / 1e6 };
  } finally {
    written.remove();
  }
}

/** A floor that does other work than the refresh is no floor. */
export async function expectSame(server: BenchServer, refreshed: string, floor: string): Promise<void> {
  const ours = await contentsOf(server.url(refreshed));
  const theirs = await contentsOf(server.url(floor));
  if (ours !== theirs) throw new Error(`the floor wrote other rows:\n${ours}\n${theirs}`);
}

/** Processor time that one build with -n 1 takes, in the program and in the server. */
interface Busy {
  program: number;
  server: number;
}

/** The server works on the same cores: how much could be won if none of them ever waited. */
function describeBusy(one: Sample, { program, server }: Busy): string {
  const cores = availableParallelism();
  const most = one.medianMs / ((program + server) / cores);
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  return (
    `with -n 1 the program computes ${seconds(program)} s and the server ${seconds(server)} s of ${seconds(one.medianMs)} s; ` +
    `${cores} cores that never wait would be ${most.toFixed(2)} times as fast`
  );
}

function findingsOf(
  { one, two, floor }: Record<'one' | 'two' | 'floor', Sample>,
  { last, megabytes, busyMs, what }: { last: ProgramRun; megabytes: number; busyMs: Busy; what: string },
): Finding[] {
  const { needed, written } = rowsOf(last);
  const best = one.medianMs < two.medianMs ? one : two;
  return [
    {
      id: 'B1',
      what: `full build / its floor, ${what}`,
      goal: { atMost: 1.15 },
      value: best.medianMs / floor.medianMs,
      detail: `${needed} rows needed, ${written} written, ${megabytes.toFixed(0)} MB of COPY; the better of -n 1 and -n 2`,
      samples: { 'barwright -n 1': one, 'barwright -n 2': two, floor },
    },
    {
      id: 'B1',
      what: 'the same with -n 1 / its floor',
      goal: null,
      value: one.medianMs / floor.medianMs,
      detail: 'one process computes while one server process writes',
    },
    {
      id: 'B8',
      what: 'full build with -n 1 / with -n 2',
      // Without a goal: one worker and the server keep two cores busy already.
      goal: null,
      value: one.medianMs / two.medianMs,
      detail: describeBusy(one, busyMs),
    },
    {
      id: 'B9',
      what: `peak memory of the full build with -n 1, MB`,
      goal: { atMost: 300 },
      value: Math.round(last.peakMb ?? Number.NaN),
      detail: 'all processes of barwright together; pages that they share are counted once (PSS)',
    },
  ];
}
