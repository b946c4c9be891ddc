import { PassThrough } from 'node:stream';
import { test } from 'tap';
import { pluginTable } from '../../src/cli/plugin-table.ts';
import { versionTable } from '../../src/cli/version-table.ts';
import { NEW, OLD, plugin, version } from '../admin/scripted-control.ts';

// The surroundings of the tests may ask for colours everywhere or nowhere; here the stream alone decides.
delete process.env.FORCE_COLOR;

const NOW = Date.parse('2026-01-01T12:05:00.000Z');
const pipe = new PassThrough();

test('plugins stand in aligned rows, with what keeps new code out of service below', async (t) => {
  const problem = {
    step: 'schema',
    reason: 'No type.',
    file: 'index.ts',
    line: 3,
    column: 9,
    frame: '> 3 | x',
  };
  const rejected = { hash: NEW, since: '2026-01-01T12:04:48.000Z', problem };
  const plugins = [
    plugin('greet', { rejected }),
    plugin('w', { state: 'INACTIVE', version: '10.0.0', calls: 7, errors: 0, pinned: true }),
    plugin('broken', { state: 'FAILED', version: undefined, hash: undefined, calls: 0, errors: 0, rejected }),
  ];
  t.equal(
    pluginTable(plugins, NOW, pipe),
    [
      'plugin  state     version  hash          since  calls  errors',
      'greet   ACTIVE    1.2.0    3f2a91c0bb12  5 min   1204       3',
      '  rejected 77aa02b1c9de, 12 s ago: schema failed at index.ts:3:9: No type.',
      '    > 3 | x',
      'w       INACTIVE  10.0.0   3f2a91c0bb12  5 min      7       0',
      '  pinned by a rollback: what is in its folder is not served until that changes',
      'broken  FAILED    -        -             5 min      0       0',
      '  rejected 77aa02b1c9de, 12 s ago: schema failed at index.ts:3:9: No type.',
      '    > 3 | x',
      '',
    ].join('\n'),
  );
});

test('versions tell which one serves and which could', async (t) => {
  const versions = [
    version(NEW, { good: false, version: undefined, keptAt: '2026-01-01T12:04:48.000Z' }),
    version(OLD, { active: true }),
    version('ab'.repeat(32), { version: '1.1.9' }),
  ];
  t.equal(
    versionTable(versions, NOW, pipe),
    [
      'hash          version  kept       service',
      '77aa02b1c9de  -        12 s ago   not proven',
      '3f2a91c0bb12  1.2.0    5 min ago  serves',
      'abababababab  1.1.9    5 min ago  has served',
      '',
    ].join('\n'),
  );
});
