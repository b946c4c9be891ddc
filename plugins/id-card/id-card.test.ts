import { test } from 'tap';
import { callContext } from '../../test/support/call-context.ts';
import { checkCharacter } from './check-character.ts';
import { verifyIdentityNumber } from './identity-number.ts';
import plugin from './index.ts';

const verify = (id: string, today = '2025-06-30') => verifyIdentityNumber(id, today);

/** Completes 17 digits to a number whose check character is right. */
const completed = (digits: string) => digits + checkCharacter(digits);

test('the two numbers printed in the standard are valid', async (t) => {
  t.equal(verify('11010519491231002X').valid, true);
  t.equal(verify('440524188001010014').valid, true);
});

test('a lower-case x and surrounding blanks are accepted and normalised', async (t) => {
  t.match(verify(' 11010519491231002x '), { valid: true, id: '11010519491231002X', sex: 'female' });
});

test('a checksum that does not match is named as the reason', async (t) => {
  t.strictSame(verify('110105194912310029'), {
    valid: false,
    reasons: ['the check character is 9, the other digits require X'],
  });
});

test('changing any one digit, or swapping two different neighbours, is noticed', async (t) => {
  const id = '440524188001010014';
  for (let at = 0; at < 18; at++) {
    for (const digit of '0123456789X') {
      const changed = id.slice(0, at) + digit + id.slice(at + 1);
      t.equal(verify(changed).valid, changed === id, changed);
    }
    const swapped = id.slice(0, at) + id.charAt(at + 1) + id.charAt(at) + id.slice(at + 2);
    t.equal(verify(swapped).valid, swapped === id, swapped);
  }
});

test('a text without the shape of either form gets one reason', async (t) => {
  for (const text of ['', 'x', '1101051949123100', '11010519491231002XX', '1101051949123100２X']) {
    t.match(verify(text), { valid: false, reasons: [/^not 17 digits/] }, text);
  }
});

test('every problem of a number is listed at once', async (t) => {
  t.strictSame(verify('000105202302300020'), {
    valid: false,
    reasons: [
      'no province has the code 00',
      'the birth date 2023-02-30 is not in the calendar',
      `the check character is 0, the other digits require ${checkCharacter('00010520230230002')}`,
    ],
  });
});

test('a birth date must be in the calendar', async (t) => {
  for (const date of ['20230229', '19000229', '20231301', '20230100', '20230431', '20230010']) {
    t.match(verify(completed(`110105${date}002`)), { valid: false, reasons: [/not in the calendar/] }, date);
  }
  for (const date of ['20240229', '20000229', '18000101']) {
    t.equal(verify(completed(`110105${date}002`)).valid, true, date);
  }
  t.match(verify(completed('11010517991231002')), { valid: false, reasons: [/before 1800/] });
});

test('a birth date may be today but not tomorrow', async (t) => {
  const id = completed('11010520250630002');
  t.equal(verify(id, '2025-06-30').valid, true);
  t.strictSame(verify(id, '2025-06-29'), {
    valid: false,
    reasons: ['the birth date 2025-06-30 is in the future'],
  });
});

test('the old form is converted, its year put into the right century', async (t) => {
  t.match(verify('440524800101001'), {
    valid: true,
    id: completed('44052419800101001'),
    birth_date: '1980-01-01',
  });
  t.match(verify('110105491231002'), { valid: true, id: '11010519491231002X' });
  t.match(verify('440524800101998'), { valid: true, birth_date: '1880-01-01' });
});

test('the region is named down to the prefecture where there is one', async (t) => {
  const cases: [code: string, province: string, prefecture: string | undefined][] = [
    ['440305', '广东省', '深圳市'],
    ['653101', '新疆维吾尔自治区', '喀什地区'],
    ['310115', '上海市', undefined],
    ['429004', '湖北省', undefined],
    ['341400', '安徽省', '巢湖市'],
    ['422400', '湖北省', undefined],
    ['710000', '台湾省', undefined],
    ['810000', '香港特别行政区', undefined],
    ['820000', '澳门特别行政区', undefined],
    ['830000', '台湾省', undefined],
  ];
  for (const [code, province, prefecture] of cases) {
    const verdict = verify(completed(`${code}19900101003`));
    if (!verdict.valid) throw new Error(`${code}: ${verdict.reasons.join(', ')}`);
    t.equal(verdict.province, province, code);
    t.equal(verdict.prefecture, prefecture, code);
  }
});

test('all 34 province-level codes and 83 are known, and no other', async (t) => {
  const known = Array.from({ length: 100 }, (_, code) => String(code).padStart(2, '0')).filter(
    (code) => verify(completed(`${code}000019900101003`)).valid,
  );
  t.equal(
    known.join(' '),
    '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83',
  );
});

test('the tool knows today’s date', async (t) => {
  const thisYear = new Date().getUTCFullYear();
  const verdicts = [thisYear - 1, thisYear + 1].map((year) =>
    plugin.tools.verify.execute({ id: completed(`110105${year}0101002`) }, callContext()),
  );
  t.match(verdicts, [{ valid: true }, { valid: false, reasons: [/in the future/] }]);
});
