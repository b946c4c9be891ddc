import { test } from 'tap';
import { mayReturn } from '../../src/scheduling/return-right.ts';

const capable = 'Name:\tnode\nCapEff:\t000001fffeffffff\n';
const ordinary = 'Name:\tnode\nCapEff:\t0000000000000000\n';
const limit = (soft: string): string =>
  `Max open files            1024                 4096                 files     \nMax nice priority         ${soft}                    0                    \n`;

test('a thread may become less nice again with the capability, or within the limit', async (t) => {
  t.equal(mayReturn(0, capable, limit('0')), true);
  t.equal(mayReturn(0, ordinary, limit('0')), false);
  t.equal(mayReturn(0, ordinary, limit('20')), true);
  t.equal(mayReturn(5, ordinary, limit('15')), true);
  t.equal(mayReturn(0, ordinary, limit('15')), false);
  t.equal(mayReturn(0, ordinary, limit('unlimited')), true);
  t.equal(mayReturn(0, '', ''), false, 'who cannot know does not try');
});
