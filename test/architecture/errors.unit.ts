import { test } from 'tap';
import { ERRORS, type ErrorCode, errorSpec } from '../../src/core/errors.ts';
import { read, readmeTable, sourceFiles } from './sources.ts';

const codes = Object.keys(ERRORS) as ErrorCode[];

test('README’s error table is the one of the code, row by row', async (t) => {
  t.strictSame(
    readmeTable('Errors'),
    codes.map((code) => [code, String(errorSpec(code).status), errorSpec(code).sentence]),
  );
});

test('every code is used', async (t) => {
  const files = ['src', 'workers'].flatMap(sourceFiles).filter((file) => file !== 'src/core/errors.ts');
  const code = files.map(read).join('\n');
  t.strictSame(
    codes.filter((one) => !code.includes(`'${one}'`)),
    [],
  );
});

test('every sentence says what happened and is one line that ends with a full stop', async (t) => {
  for (const code of codes) t.match(errorSpec(code).sentence, /^[A-Z][^\n]{20,160}\.$/, code);
});

test('exactly the answers that tell the caller to come back say when', async (t) => {
  for (const code of codes)
    t.equal(errorSpec(code).retryAfter !== undefined, errorSpec(code).status === 503, code);
});
