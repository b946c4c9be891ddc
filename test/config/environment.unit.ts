import { test } from 'tap';
import { isServiceLink } from '../../src/config/service-link.ts';
import { SETTING_NAMES, variableOf } from '../../src/config/setting-table.ts';
import { accepted, problemsOf } from './surroundings.ts';

test('an empty variable counts as unset, and variables of other programs are none of our business', async (t) => {
  const { settings } = accepted({
    env: { HOTLANE_PORT: '', HOTLANE_UNKNOWN: '', PORT: 'x', hotlane_port: 'x' },
  });
  t.equal(settings.port, 8080);
});

test('a variable that means no setting is a problem, with a guess only where one is near', async (t) => {
  t.strictSame(problemsOf({ env: { HOTLANE_TLS_PASSPHRAES: 'x', HOTLANE_WEATHER_API_TOKEN: 'x' } }), [
    'env HOTLANE_TLS_PASSPHRAES: no setting has this variable; did you mean HOTLANE_TLS_PASSPHRASE?',
    'env HOTLANE_WEATHER_API_TOKEN: no setting has this variable',
  ]);
});

test('the links Kubernetes sets for services called hotlane and hotlane-admin are skipped', async (t) => {
  const { settings } = accepted({
    env: {
      HOTLANE_SERVICE_HOST: '10.0.0.7',
      HOTLANE_SERVICE_PORT: '80',
      HOTLANE_SERVICE_PORT_HTTP: '80',
      HOTLANE_PORT: 'tcp://10.0.0.7:80',
      HOTLANE_PORT_80_TCP: 'tcp://10.0.0.7:80',
      HOTLANE_PORT_80_TCP_PROTO: 'tcp',
      HOTLANE_PORT_80_TCP_PORT: '80',
      HOTLANE_PORT_80_TCP_ADDR: '10.0.0.7',
      HOTLANE_ADMIN_PORT: 'tcp://10.0.0.8:90',
      HOTLANE_ADMIN_SERVICE_HOST: '10.0.0.8',
    },
  });
  t.match(settings, { port: 8080, adminPort: 9090 });
});

test('no setting is taken for a service link', async (t) => {
  t.strictSame(
    SETTING_NAMES.filter((name) => isServiceLink(variableOf(name), '8080')),
    [],
  );
});

test('a secret may stand in a file of its own, without the line break editors add', async (t) => {
  const { settings, origins } = accepted({
    env: { HOTLANE_TLS_PASSPHRASE_FILE: 'run/passphrase' },
    disk: { '/app/run/passphrase': ' two words \n' },
  });
  t.equal(settings.tlsPassphrase, ' two words ');
  t.strictSame(origins.get('tlsPassphrase'), {
    from: 'environment',
    variable: 'HOTLANE_TLS_PASSPHRASE_FILE',
  });
});

test('a secret that is given twice, is lost or is empty is a problem, and is never shown', async (t) => {
  const HOTLANE_TLS_PASSPHRASE_FILE = '/run/secret';
  t.strictSame(problemsOf({ env: { HOTLANE_TLS_PASSPHRASE_FILE, HOTLANE_TLS_PASSPHRASE: 'hush' } }), [
    'env HOTLANE_TLS_PASSPHRASE_FILE: HOTLANE_TLS_PASSPHRASE is set as well; set only one of the two',
  ]);
  t.strictSame(problemsOf({ env: { HOTLANE_TLS_PASSPHRASE_FILE } }), [
    'env HOTLANE_TLS_PASSPHRASE_FILE: /run/secret cannot be read: there is no such file',
  ]);
  t.strictSame(problemsOf({ env: { HOTLANE_TLS_PASSPHRASE_FILE }, disk: { '/run/secret': '\n' } }), [
    'env HOTLANE_TLS_PASSPHRASE_FILE: expected text of at least one character',
  ]);
  t.strictSame(problemsOf({ file: { tlsPassphrase: 271828 } }), [
    'file /app/hotlane.config.json, key tlsPassphrase: expected text of at least one character',
  ]);
});
