import { test } from 'tap';
import { startFailure } from '../../src/cli/start-failure.ts';

const settings = { adminPort: 9090, debug: false };
const inUse = (port: number): Error => Object.assign(new Error('listen'), { code: 'EADDRINUSE', port });

test('a port in use is named with the flag that chooses another one', async (t) => {
  t.equal(
    startFailure(inUse(8080), settings),
    'port 8080 is in use; stop what uses it or choose another one with --port.',
  );
  t.match(startFailure(inUse(9090), settings), /^port 9090 is in use; .* with --admin-port\.$/);
});

test('another failure is told by its message, with debug by its stack', async (t) => {
  const error = new Error('no plugin can be loaded');
  t.equal(startFailure(error, settings), 'no plugin can be loaded');
  t.match(startFailure(error, { ...settings, debug: true }), /no plugin can be loaded\n {4}at /);
  t.equal(startFailure('odd', settings), 'odd');
});
