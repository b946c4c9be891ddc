import { test } from 'tap';
import { Sightings, versionIn } from '../../bench/load/sightings.ts';
import { switchesOf } from '../../bench/scenarios/reload-switch.ts';

const head = (line: string) => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${line}`;

test("the version is read from an answer's head, however its name is written", async (t) => {
  t.equal(versionIn(head('X-Plugin-Version: 1.0.7@3f2a91c0bb12\r\nDate: x')), '1.0.7@3f2a91c0bb12');
  t.equal(versionIn(head('x-plugin-version:1.0.7@3f2a91c0bb12')), '1.0.7@3f2a91c0bb12');
  t.equal(versionIn(head('Content-Length: 2')), undefined);
});

test('of each version the first and the last answer are kept', async (t) => {
  const sightings = new Sightings();
  for (const [version, at] of [
    ['a', 1],
    ['b', 2],
    ['a', 3],
    ['b', 4],
    ['b', 5],
  ] as const) {
    sightings.see(version, at);
  }
  t.same(sightings.toRecord(), {
    a: { firstMs: 1, lastMs: 3, answers: 2 },
    b: { firstMs: 2, lastMs: 5, answers: 3 },
  });
});

test('a switch lasts from the save to the first new and the last old answer', async (t) => {
  const rolls = [
    { version: '1.0.1', atMs: 0 },
    { version: '1.0.2', atMs: 1000 },
    { version: '1.0.3', atMs: 2000 },
  ];
  const versions = {
    '1.0.1@aa': { firstMs: 300, lastMs: 1500, answers: 1 },
    '1.0.2@bb': { firstMs: 1200, lastMs: 2100, answers: 1 },
  };
  t.same(switchesOf(rolls, versions), [
    { version: '1.0.2', firstMs: 200, lastOldMs: 500 },
    { version: '1.0.3', firstMs: Number.NaN, lastOldMs: 100 },
  ]);
});
