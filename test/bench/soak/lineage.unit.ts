import { test } from 'tap';
import { Lineage } from '../../../bench/soak/lineage.ts';

test('only announced voices may answer', async (t) => {
  const lineage = new Lineage();
  lineage.announce('1.0.1');
  t.ok(lineage.mayAnswer('1.0.1', 10));
  t.notOk(lineage.mayAnswer('1.0.2', 10));
});

test('a voice that has gone may still answer calls that were sent before', async (t) => {
  const lineage = new Lineage();
  lineage.announce('1.0.1', '1.0.2');
  lineage.only('1.0.2', 100);
  t.ok(lineage.mayAnswer('1.0.1', 100));
  t.notOk(lineage.mayAnswer('1.0.1', 101));
  t.ok(lineage.mayAnswer('1.0.2', 101));
  t.same(lineage.voices, ['1.0.2']);
});

test('a voice that went before does not stay longer when another goes', async (t) => {
  const lineage = new Lineage();
  lineage.announce('1.0.1');
  lineage.only('1.0.2', 100);
  lineage.only('1.0.3', 200);
  t.notOk(lineage.mayAnswer('1.0.1', 150));
  t.ok(lineage.mayAnswer('1.0.2', 150));
});

test('a voice that is announced again may answer again', async (t) => {
  const lineage = new Lineage();
  lineage.announce('1.0.1');
  lineage.only('1.0.2', 100);
  lineage.announce('1.0.1');
  t.ok(lineage.mayAnswer('1.0.1', 300));
});
