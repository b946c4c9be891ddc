import { test } from 'tap';
import { codeFrame } from '../../workers/code-frame.ts';

const code = Array.from({ length: 12 }, (_, n) => `line ${n + 1}`).join('\n');

test('two lines before and after are shown, numbered, with a caret', async (t) => {
  t.equal(
    codeFrame(code, 9, 6),
    [
      '   7 | line 7',
      '   8 | line 8',
      '>  9 | line 9',
      '     |      ^',
      '  10 | line 10',
      '  11 | line 11',
    ].join('\n'),
  );
});

test('at the ends of the file there are fewer lines, and without a column no caret', async (t) => {
  t.equal(codeFrame(code, 1, undefined), '> 1 | line 1\n  2 | line 2\n  3 | line 3');
  t.equal(codeFrame('one', 1, 4), '> 1 | one\n    |    ^');
});

test('the caret stands below its character behind tabs', async (t) => {
  t.equal(codeFrame('\t\tx =+* 1', 1, 7), '> 1 | \t\tx =+* 1\n    | \t\t    ^');
});

test('of a very long line the part around the caret is shown', async (t) => {
  const [text = '', caret = ''] = codeFrame(`${'a'.repeat(5_000)}!${'b'.repeat(5_000)}`, 1, 5_001).split(
    '\n',
  );
  t.ok(text.length < 200, `${text.length} characters`);
  t.equal(text[caret.indexOf('^')], '!');
});

test('a line that is not there has no frame', async (t) => {
  t.equal(codeFrame(code, 13, 1), '');
});
