import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'tap';
import { stopOnSignals } from '../../src/cli/stop-on-signals.ts';
import type { Log } from '../../src/core/log.ts';
import { StartGivenUp } from '../../src/server/start-given-up.ts';
import type { RunningServer } from '../../src/server/start-server.ts';
import { scriptedControl } from '../admin/scripted-control.ts';

/** A server whose start and stop end when the test says so. */
function world() {
  const signals = new EventEmitter();
  const started = Promise.withResolvers<RunningServer>();
  const stopped = Promise.withResolvers<void>();
  const stops: string[] = [];
  const exits: number[] = [];
  const errors: unknown[] = [];
  const server: RunningServer = {
    control: scriptedControl(),
    url: 'http://127.0.0.1:1',
    adminUrl: 'http://127.0.0.1:2',
    stop(reason) {
      stops.push(reason);
      return stopped.promise;
    },
  };
  const log: Log = {
    debug() {},
    info() {},
    warn() {},
    error: (_message, fields) => errors.push(fields?.error),
    child: () => log,
  };
  const starting = { server: started.promise, giveUp: () => started.reject(new StartGivenUp()) };
  stopOnSignals(signals, starting, (code) => exits.push(code), log);
  return { signals, started, stopped, stops, exits, errors, server };
}

test('SIGTERM stops the server once and exits 0 when it has stopped', async (t) => {
  const { signals, started, stopped, stops, exits, server } = world();
  started.resolve(server);
  signals.emit('SIGTERM');
  signals.emit('SIGTERM');
  await delay(0);
  t.strictSame(stops, ['SIGTERM']);
  t.strictSame(exits, []);
  stopped.resolve();
  await delay(0);
  t.strictSame(exits, [0]);
});

test('a second SIGINT exits 130 at once, but not one that came with the same keystroke', async (t) => {
  const { signals, started, stops, exits, server } = world();
  started.resolve(server);
  signals.emit('SIGINT');
  signals.emit('SIGINT');
  await delay(0);
  t.strictSame([stops, exits], [['SIGINT'], []]);
  await delay(350);
  signals.emit('SIGINT');
  t.strictSame([stops, exits], [['SIGINT'], [130]]);
});

test('a signal during the start gives the start up and exits 0', async (t) => {
  const { signals, stops, exits, errors } = world();
  signals.emit('SIGINT');
  await delay(0);
  t.strictSame([stops, exits, errors], [[], [0], []]);
});

test('a start that is over when it is given up counts, and the server stops', async (t) => {
  const { signals, started, stopped, stops, exits, server } = world();
  started.resolve(server);
  signals.emit('SIGINT');
  stopped.resolve();
  await delay(0);
  t.strictSame([stops, exits], [['SIGINT'], [0]]);
});

test('a stop that fails is logged and exits 1', async (t) => {
  const { signals, started, stopped, exits, errors, server } = world();
  const failure = new Error('still busy');
  started.resolve(server);
  stopped.reject(failure);
  signals.emit('SIGTERM');
  await delay(0);
  t.strictSame(exits, [1]);
  t.strictSame(errors, [failure]);
});
