import { Command } from 'commander';
import { renderReport } from '../../../web/report/report.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import { pourToFile, pourToStdout } from '../../output/write-output.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';

/** `barwright report [RUN]`: one run as one HTML file, for mail or an artifact store. */
export function reportCommand(act: Act): Command {
  const command = new Command('report')
    .description('Write one self-contained HTML file about a run: summary, freshness, slowest, failures.')
    .argument('[run]', 'Id of a run, its beginning, or "last"', 'last');
  return withOptions(command, ['out', ...DATABASE_OPTIONS, 'source', 'stalenessHours', 'lateAfter']).action(
    (run: string, values: OptionValues) => act(writeReport(run, values)),
  );
}

async function writeReport(run: string, values: OptionValues): Promise<number> {
  // Stdout is the file's.
  const talk = createTalk(true);
  const { source = null, stalenessHours = null, lateAfter, out } = values;
  const page = await withDatabase(values, { talk }, (database) =>
    renderReport(database, { run, source, stalenessHours, lateAfter }),
  );
  const { signal } = new AbortController();
  if (out === undefined) await pourToStdout(chunkOf(page), signal);
  else {
    await pourToFile(out, chunkOf(page), signal);
    talk.say(`[OK] ${out}: ${Buffer.byteLength(page)} bytes`);
  }
  return 0;
}

async function* chunkOf(page: string): AsyncGenerator<Buffer> {
  yield Buffer.from(page);
}
