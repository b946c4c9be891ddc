/**
 * Calls to a running server, and what its admin port says of it.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { Test } from 'tap';
import type { TestServer } from './server.ts';

/** An answer, and how long it took. */
export interface Answer {
  readonly status: number;
  readonly body: { readonly [key: string]: unknown };
  readonly headers: Headers;
  readonly ms: number;
  /** The longest this process, server and test alike, was kept from running meanwhile, in ms. */
  readonly stalled: number;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Calls `/execute/{path}` with these parameters. */
export async function call(
  { url }: Pick<TestServer, 'url'>,
  path: string,
  parameters: object = {},
  { headers, signal }: CallOptions = {},
): Promise<Answer> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const began = performance.now();
  const response = await fetch(`${url}/execute/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ user_id: 1, parameters }),
    signal: signal ?? null,
  });
  const body = (await response.json()) as Answer['body'];
  const ms = performance.now() - began;
  delay.disable();
  return { status: response.status, body, headers: response.headers, ms, stalled: delay.max / 1e6 };
}

/** A deadline is kept within 300 ms, on a machine that lets the process run. */
export function inTime(t: Test, { ms, stalled }: Answer, deadline: number): void {
  t.ok(ms < deadline + 300 + 2 * stalled, `answered after ${ms.toFixed()} ms, deadline ${deadline} ms`);
}

/** Waits until `holds`, at most `ms`; then it is an error, told as `what`. Leaves half of the time to what is waited for. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 20_000,
): Promise<void> {
  const deadline = performance.now() + ms;
  for (;;) {
    const asked = performance.now();
    if (await holds()) return;
    const answered = performance.now();
    if (answered > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await wait(Math.max(20, answered - asked));
  }
}

/** What `/healthz` says. */
export async function healthOf({ adminUrl }: Pick<TestServer, 'adminUrl'>): Promise<{
  readonly status: string;
  readonly workers: { readonly wanted: number; readonly serving: number };
  readonly plugins: {
    readonly loaded: readonly {
      readonly name: string;
      readonly version: string;
      readonly tools: readonly string[];
    }[];
    readonly failed: readonly { readonly name: string; readonly reason: string }[];
  };
  readonly calls: { readonly waiting: number; readonly inFlight: number };
}> {
  return (await (await fetch(`${adminUrl}/healthz`)).json()) as Awaited<ReturnType<typeof healthOf>>;
}

/** All wanted workers serve, nothing is under way, nothing lingers. */
export async function untilWhole(server: Pick<TestServer, 'adminUrl'>): Promise<void> {
  await until('the pool is whole', async () => {
    const { workers, calls } = await healthOf(server);
    if (workers.serving < workers.wanted || calls.inFlight > 0) return false;
    return (await metricsOf(server)).get('hotlane_lingering_slots') === 0;
  });
}

/** Every sample of `/metrics` by its name with labels, as printed. */
export async function metricsOf({
  adminUrl,
}: Pick<TestServer, 'adminUrl'>): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}
