import { readFileSync } from 'node:fs';
import { test } from 'tap';
import { SETTING_NAMES, SETTINGS } from '../../src/config/setting-table.ts';

test('the table of settings in the README is the table in the code', async (t) => {
  const readme = readFileSync(new URL('../../src/config/README.md', import.meta.url), 'utf8');
  const [, table = ''] = /<!-- settings:.*-->\n([^]*?)\n<!-- \/settings -->/.exec(readme) ?? [];
  const [, , ...documented] = table
    .split('\n')
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
  const expected = SETTING_NAMES.map((name) => {
    const { kind, help, defaultInWords = '' } = SETTINGS[name];
    return [`\`${name}\``, kind.range ?? kind.placeholder ?? 'switch', defaultInWords, help];
  });
  t.strictSame(documented, expected);
});
