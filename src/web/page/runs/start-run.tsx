/** The button that starts a refresh, where the server allows it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { HealthResponse, StartRunRequest, StartRunResponse } from '../../api/api-types.js';
import { keepToken, RequestError, readToken, request, useApi } from '../shared/api.js';
import { asPlainText } from '../shared/format.js';
import { useLive, useRevision } from '../shared/live.js';
import { Field } from '../shared/parts.jsx';

type Target = StartRunRequest['target'];

/** Nothing where runs are not allowed; else a form, and what became of the refresh that was started last. */
export function StartRun({ target = 'all' }: { target?: Target }): JSX.Element | null {
  const { data } = useApi<HealthResponse>('/api/health', useRevision());
  const { state } = useLive();
  if (data?.isRunAllowed !== true) return null;
  const last = state?.lastStart ?? null;
  return (
    <section aria-label="Start a refresh">
      <Form target={target} isBusy={state?.run != null || last?.isRunning === true} />
      {last !== null && !last.isRunning && (
        <p class={last.exitCode === 0 ? 'quiet' : 'problem'}>
          The refresh started here ended{last.exitCode === null ? '' : ` with exit code ${last.exitCode}`}:{' '}
          {asPlainText(last.lastLine ?? 'it said nothing')}
        </p>
      )}
    </section>
  );
}

function Form({ target, isBusy }: { target: Target; isBusy: boolean }): JSX.Element {
  const [token, setToken] = useState(readToken);
  const [isAsking, setIsAsking] = useState(false);
  const [answer, setAnswer] = useState<{ text: string; isBad: boolean } | null>(null);
  const start = (event: Event) => {
    event.preventDefault();
    keepToken(token.trim());
    setIsAsking(true);
    setAnswer(null);
    const body: StartRunRequest = { target, ids: null };
    request<StartRunResponse>('/api/runs', { body })
      .then(
        ({ pid }) => setAnswer({ text: `A refresh was started: process ${pid}.`, isBad: false }),
        (error: unknown) =>
          setAnswer({ text: error instanceof RequestError ? error.message : String(error), isBad: true }),
      )
      .finally(() => setIsAsking(false));
  };
  return (
    <form class="controls" onSubmit={start}>
      <Field label="Token, as barwright serve printed it">
        <input
          type="password"
          autocomplete="off"
          required
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </Field>
      <button type="submit" class="main" disabled={isBusy || isAsking}>
        {isBusy ? 'A run is in progress' : 'Start a refresh'}
      </button>
      <span role="status" class={answer?.isBad ? 'problem' : 'quiet'} hidden={answer === null}>
        {answer === null ? '' : asPlainText(answer.text)}
      </span>
    </form>
  );
}
