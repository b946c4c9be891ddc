import { test } from 'tap';
import { actionRefusal, hostRefusal } from '../../src/admin/browser-guard.ts';

test('addresses, localhost and the admin host may be asked for, with and without a port', async (t) => {
  for (const name of [
    '127.0.0.1',
    '10.1.2.3',
    '[::1]',
    '[fe80::1]',
    'localhost',
    'LocalHost',
    'admin.internal',
  ]) {
    t.equal(hostRefusal(name, ['Admin.Internal']), undefined, name);
    t.equal(hostRefusal(`${name}:9090`, ['Admin.Internal']), undefined, `${name}:9090`);
  }
});

test('any other name is refused, because a page can make its own name resolve to this machine', async (t) => {
  for (const host of [
    'evil.example',
    'evil.example:9090',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example:80:9090',
    '[evil.example]',
    '[127.0.0.1]',
    '127.0.0.1:x',
    '127.0.0.256',
    '',
    ':9090',
  ]) {
    t.match(hostRefusal(host, ['admin.internal']), 'an IP address, localhost or the admin host', host);
  }
  t.match(hostRefusal(undefined, ['']), /got ""$/);
});

test('an action is taken only with the header that a page cannot send', async (t) => {
  t.equal(actionRefusal({ 'x-hotlane-admin': '1' }), undefined);
  for (const headers of [{}, { 'x-hotlane-admin': '' }, { 'x-hotlane-admin': '1, 1' }]) {
    t.match(actionRefusal(headers), 'need the header "X-Hotlane-Admin: 1"');
  }
});
