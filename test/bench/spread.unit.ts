import { test } from 'tap';
import { numberText, spreadText } from '../../bench/report/number-text.ts';
import { median, spreadOf } from '../../bench/report/spread.ts';

test('the spread does not depend on the order of the rounds', async (t) => {
  t.same(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
  t.same(spreadOf([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 });
});

test('no rounds have no spread', async (t) => {
  t.equal(spreadOf([]), undefined);
  t.ok(Number.isNaN(median([])));
  t.equal(spreadText(undefined), '-');
});

test('numbers show about three digits', async (t) => {
  t.equal(numberText(123_456.7), '123 457');
  t.equal(numberText(45.67), '45.7');
  t.equal(numberText(0.953), '0.95');
  t.equal(numberText(-1.5), '-1.50');
  t.equal(numberText(12), '12');
});

test('a range is shown only where there is one', async (t) => {
  t.equal(spreadText({ median: 2, min: 2, max: 2 }), '2');
  t.equal(spreadText({ median: 2, min: 1.25, max: 3 }), '2 (1.25..3)');
});
