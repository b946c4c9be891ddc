import * as fc from 'fast-check';
import { test } from 'tap';
import { CommonHeads } from '../../src/front/common-head.ts';
import { madeId } from '../../src/wire/request-id.ts';

const PREFIX = 'k3_-Zz09-';
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const expected = (id: string, version?: string): string =>
  [
    'application/json',
    'Access-Control-Allow-Origin: *',
    ...(version === undefined ? [] : [`X-Plugin-Version: ${version}`]),
    `X-Request-Id: ${id}`,
  ].join('\r\n');

const sequences = fc.oneof(
  fc.nat({ max: 100 }),
  fc.nat(),
  fc.maxSafeNat(),
  fc.integer({ min: 1, max: 10 }).map((power) => 36 ** power),
  fc.integer({ min: 1, max: 10 }).map((power) => 36 ** power - 1),
);
const ids = fc.stringMatching(/^[\x21-\x7e]{1,128}$/);
const versions = fc.option(fc.constantFrom('echo@1', 'id-card@0.3.1+4f'), { nil: undefined });

test('whatever answers came before, a head names the version and the id of its own', async () => {
  const heads = new CommonHeads(PREFIX);
  const answers = fc.array(fc.tuple(versions, fc.oneof(sequences, ids)), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(answers, (list) => {
      for (const [version, id] of list) {
        const head = typeof id === 'number' ? heads.ofMade(version, id) : heads.of(version, id);
        const name = typeof id === 'number' ? madeId(PREFIX, id) : id;
        if (text(head) !== expected(name, version)) throw new Error(`${text(head)} for ${name}`);
      }
    }),
    { numRuns: 500 },
  );
});

test('more versions than are kept ready have the right head too', async (t) => {
  const heads = new CommonHeads(PREFIX);
  for (let round = 0; round < 2; round++) {
    for (let version = 0; version < 300; version++) {
      const name = `echo@${version}`;
      if (text(heads.ofMade(name, version)) !== expected(madeId(PREFIX, version), name)) t.fail(name);
    }
  }
  t.equal(text(heads.of('echo@0', 'mine')), expected('mine', 'echo@0'));
});
