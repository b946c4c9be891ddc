/**
 * One server for all units of a process that need nothing special: the plugins of tests, one worker, each setting at
 * its default but the budget: a machine that is busy with other tests makes calls slow. Whoever counts lines of its
 * log, or changes how it goes on, starts one of his own.
 */
import tap from 'tap';
import { startTestServer, type TestServer } from './server.ts';

let started: Promise<TestServer> | undefined;

/** Starts it for the first unit; it stops with the process's last test. */
export function sharedServer(): Promise<TestServer> {
  started ??= start();
  return started;
}

async function start(): Promise<TestServer> {
  const server = await startTestServer({ settings: { workers: 1, startBudgetMs: 0 } });
  tap.teardown(server.stop);
  return server;
}
