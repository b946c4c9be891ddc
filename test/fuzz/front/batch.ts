/** Plays scripts at the same time, and then looks at what they have left of the server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { judge } from './judge.ts';
import { play } from './play.ts';
import type { Script } from './script.ts';
import type { ServerProcess } from './server-process.ts';

export interface Problem {
  readonly kind: 'wrong answer' | 'death' | 'fault' | 'deaf' | 'leak';
  readonly what: string;
}

/** Every problem seen, those of single scripts first. Resolves in any case. */
export async function playBatch(
  server: ServerProcess,
  scripts: readonly Script[],
  patienceMs: number,
): Promise<Problem[]> {
  const ids = new Set(scripts.map(({ id }) => id));
  const problems: Problem[] = [];
  await Promise.all(
    scripts.map(async (script) => {
      try {
        const transcript = await play(script, server.port, patienceMs);
        for (const what of judge(script, transcript, ids)) problems.push({ kind: 'wrong answer', what });
      } catch (error) {
        problems.push({ kind: 'deaf', what: `no connection: ${String(error)}` });
      }
    }),
  );
  const after = await afterwards(server, patienceMs);
  // What a dead server did not answer is no finding of its own.
  return after?.kind === 'death' ? [after] : [...problems, ...(after === undefined ? [] : [after])];
}

async function afterwards(server: ServerProcess, patienceMs: number): Promise<Problem | undefined> {
  const death = (): Problem | undefined =>
    server.death === undefined ? undefined : { kind: 'death', what: server.death };
  const silence = await plainCall(server, patienceMs);
  const held = silence === undefined ? await heldBack(server, patienceMs) : undefined;
  // A crash takes a moment until its process is gone.
  if (silence !== undefined || held !== undefined) await sleep(200);
  if (server.death !== undefined) return death();
  const [fault] = server.takeFaults();
  if (fault !== undefined) return { kind: 'fault', what: fault };
  if (silence !== undefined) return { kind: 'deaf', what: silence };
  return held === undefined ? undefined : { kind: 'leak', what: held };
}

/** An ordinary call; what is wrong with its answer. */
async function plainCall({ port }: ServerProcess, patienceMs: number): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/execute/echo`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"user_id":1,"parameters":{"plain":true}}',
      signal: AbortSignal.timeout(patienceMs),
    });
    const body = await answer.text();
    return answer.status === 200 && body === '{"status":"success","data":{"plain":true}}'
      ? undefined
      : `a plain call got ${answer.status}: ${body}`;
  } catch (error) {
    return `a plain call got no answer in ${patienceMs} ms: ${String(error)}`;
  }
}

/** What the server still holds of calls nobody waits for any more. */
async function heldBack({ adminUrl }: ServerProcess, patienceMs: number): Promise<string | undefined> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const held = await samples(adminUrl).catch((error: unknown) => String(error));
    if (held === '') return undefined;
    if (performance.now() > end) return `not given back after ${patienceMs} ms: ${held}`;
    await sleep(10);
  }
}

const GAUGES = ['hotlane_calls_in_flight', 'hotlane_queue_depth', 'hotlane_lingering_slots'];

/** The gauges that are not 0, as printed; a gauge that is missing is told too. */
async function samples(adminUrl: string): Promise<string> {
  const answer = await fetch(`${adminUrl}/metrics`, { signal: AbortSignal.timeout(5000) });
  const lines = (await answer.text()).split('\n');
  return GAUGES.flatMap((name) => {
    const own = lines.filter((line) => line.startsWith(name));
    return own.length === 0 ? [`no ${name}`] : own.filter((line) => !line.endsWith(' 0'));
  }).join(', ');
}
