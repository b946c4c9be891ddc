import { styleText } from 'node:util';
import { test } from 'tap';
import { tableLines } from '../../src/cli/table.ts';

test('columns are aligned, numbers to the right, and no line ends with spaces', async (t) => {
  const rows = [
    ['plugin', 'calls', 'state'],
    ['a', '7', 'ACTIVE'],
    ['greet-all', '12345', ''],
  ];
  t.strictSame(tableLines(rows, new Set([1])), [
    'plugin     calls  state',
    'a              7  ACTIVE',
    'greet-all  12345',
  ]);
});

test('colours take no room', async (t) => {
  const red = styleText('red', 'x', { validateStream: false });
  t.not(red, 'x');
  t.strictSame(
    tableLines([
      [red, 'b'],
      ['aaa', 'b'],
    ]),
    [`${red}    b`, 'aaa  b'],
  );
});

test('no rows are no lines', async (t) => t.strictSame(tableLines([]), []));
