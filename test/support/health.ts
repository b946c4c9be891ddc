/**
 * Waits for what a server says of itself on its admin port.
 */
import type { TestServer } from './server.ts';

/** Resolves once exactly so many callers wait for answers. */
export function callsInFlight(server: TestServer, count: number): Promise<void> {
  return untilHealth(server, `"inFlight":${count}}`);
}

/** Resolves once exactly so many calls are with the workers, and none waits. */
export function callsRunning(server: TestServer, count: number): Promise<void> {
  return untilHealth(server, `"calls":{"waiting":0,"inFlight":${count}}`);
}

/** Resolves once exactly so many workers serve; a started server has at least one. */
export function workersServing(server: TestServer, count: number): Promise<void> {
  return untilHealth(server, `"serving":${count},`);
}

async function untilHealth({ adminUrl }: TestServer, part: string): Promise<void> {
  let health = '';
  while (!health.includes(part)) health = await (await fetch(`${adminUrl}/healthz`)).text();
}
