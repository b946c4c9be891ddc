import { test } from 'tap';
import { matchPath } from '../../src/admin/path-pattern.ts';

const PATTERN = '/plugins/{name}/versions/{hash}';

test('what stands for each name is found and decoded', async (t) => {
  t.strictSame(
    matchPath(PATTERN, '/plugins/a%20b/versions/3f'),
    new Map([
      ['name', 'a b'],
      ['hash', '3f'],
    ]),
  );
  t.strictSame(matchPath('/reload', '/reload'), new Map());
});

test('a path with other, missing, empty or undecodable segments is another path', async (t) => {
  for (const path of [
    '/plugins/a/versions',
    '/plugins/a/versions/3f/',
    '/plugins/a/version/3f',
    '/plugins//versions/3f',
    '/plugins/%ff/versions/3f',
    '/Plugins/a/versions/3f',
  ]) {
    t.equal(matchPath(PATTERN, path), undefined, path);
  }
});
