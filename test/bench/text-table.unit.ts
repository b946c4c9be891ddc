import { test } from 'tap';
import { textTable } from '../../bench/report/text-table.ts';

test('columns are as wide as their widest cell and aligned', async (t) => {
  const columns = [
    { title: 'name', align: 'left' },
    { title: 'rate', align: 'right' },
  ] as const;
  t.same(
    textTable(columns, [
      ['a', '1'],
      ['longer', '12345'],
    ]),
    ['name     rate', '------  -----', 'a           1', 'longer  12345'],
  );
});

test('missing cells are blank', async (t) => {
  t.same(
    textTable(
      [
        { title: 'a', align: 'left' },
        { title: 'b', align: 'left' },
      ],
      [['x']],
    ),
    ['a  b', '-  -', 'x'],
  );
});
