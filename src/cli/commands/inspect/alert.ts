import { hostname } from 'node:os';
import { Command } from 'commander';
import { formatCause } from '../../../orchestration/alerts/causes.js';
import { findChannels } from '../../../orchestration/alerts/channels.js';
import { deliver } from '../../../orchestration/alerts/deliver.js';
import { createHide } from '../../../orchestration/program/secrets.js';
import { VERSION } from '../../../orchestration/program/version.js';
import { listAlerts } from '../../../storage/runs/alerts.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, hideSecrets, type Talk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';

/** `barwright alert`: what people were alerted about; with --test a message to every channel. */
export function alertCommand(act: Act): Command {
  const command = new Command('alert').description(
    'What people were alerted about; --test sends a message to every channel that is set up.',
  );
  return withOptions(command, ['test', 'alertExec', ...DATABASE_OPTIONS, 'json']).action(
    (values: OptionValues) => act(values.test ? testChannels(values) : listLog(values)),
  );
}

async function testChannels(values: OptionValues): Promise<number> {
  const talk = hideSecrets(createTalk(values.json ?? false), createHide());
  const { channels, warnings } = findChannels(process.env, values.alertExec);
  const message = {
    text: `barwright TEST: this message of ${hostname()} shows that alerts arrive\nNothing is wrong.`,
    facts: { what: 'TEST', host: hostname(), version: VERSION, causes: [], ended: [] },
  };
  const results = await Promise.all(
    channels.map(async (channel) => ({ channel: channel.name, refusal: await deliver(channel, message) })),
  );
  for (const warning of warnings) talk.say(`[FAILED] ${warning}`);
  for (const { channel, refusal } of results)
    talk.say(refusal === null ? `[OK] ${channel} took the message` : `[FAILED] ${refusal}`);
  if (values.json) talk.json({ version: 1, warnings, channels: results });
  return warnings.length === 0 && results.every(({ refusal }) => refusal === null) ? 0 : 1;
}

async function listLog(values: OptionValues): Promise<number> {
  const talk = hideSecrets(createTalk(values.json ?? false), createHide());
  const alerts = await withDatabase(values, { talk }, (database) => database.read((tx) => listAlerts(tx)));
  const newest = alerts.toSorted(
    (a, b) => Number(b.isOpen) - Number(a.isOpen) || b.lastSeenMs - a.lastSeenMs,
  );
  if (values.json) talk.json({ version: 1, alerts: newest });
  else tellLog(talk, newest);
  return 0;
}

function tellLog(talk: Talk, alerts: Awaited<ReturnType<typeof listAlerts>>): void {
  if (alerts.length === 0) talk.say('no alert was sent about this warehouse');
  for (const { isOpen, firstSeenMs, lastSeenMs, lastSentMs, ...cause } of alerts) {
    const span = isOpen ? `since ${timeOf(firstSeenMs)}` : `${timeOf(firstSeenMs)} to ${timeOf(lastSeenMs)}`;
    const sent = lastSentMs === null ? 'not sent' : `sent ${timeOf(lastSentMs)}`;
    talk.say(`${isOpen ? '[OPEN]' : '[ENDED]'} ${span}, ${sent}: ${formatCause(cause)}`);
  }
}

function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
