import { test } from 'tap';
import { didYouMean } from '../../src/config/nearest-name.ts';
import { SETTING_NAMES } from '../../src/config/setting-table.ts';

test('a setting with one letter lost or doubled is still recognised', async (t) => {
  for (const name of SETTING_NAMES) {
    const middle = Math.floor(name.length / 2);
    for (const end of [middle + 1, middle - 1]) {
      const misspelt = name.slice(0, middle) + name.slice(end);
      t.equal(didYouMean(misspelt, SETTING_NAMES), `; did you mean ${name}?`, misspelt);
    }
  }
});

test('capitals do not count as a difference', async (t) => {
  t.equal(didYouMean('ADMINPORT', SETTING_NAMES), '; did you mean adminPort?');
});

test('the nearest of several is named, and none when all are far', async (t) => {
  t.equal(didYouMean('abcdef', ['abcxyz', 'abcdxx', 'abcdxf']), '; did you mean abcdxf?');
  t.equal(didYouMean('abcdef', ['uvwxyz']), '');
  t.equal(didYouMean('abcdef', []), '');
});
