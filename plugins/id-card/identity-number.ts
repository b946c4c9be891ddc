/**
 * Chinese resident identity numbers (GB 11643-1999): six digits of the place, eight of the birth date,
 * three of sequence (odd for men, even for women), one check character. The form before 1999 has a
 * two-digit year and no check character.
 */
import { checkCharacter } from './check-character.ts';
import { findRegion } from './region.ts';

/** What a number says about its holder, or every reason why it is not valid. */
export type Verdict =
  | {
      readonly valid: true;
      readonly reasons: [];
      /** Always the 18-character form. */
      readonly id: string;
      readonly region_code: string;
      readonly province: string;
      readonly prefecture?: string;
      /** YYYY-MM-DD */
      readonly birth_date: string;
      readonly sex: 'male' | 'female';
    }
  | { readonly valid: false; readonly reasons: string[] };

/** `today` is the date (YYYY-MM-DD) past which a birth date lies in the future. */
export function verifyIdentityNumber(text: string, today: string): Verdict {
  const id = toCurrentForm(text.trim().toUpperCase());
  if (id === undefined) {
    return {
      valid: false,
      reasons: ['not 17 digits with a check character (a digit or X), nor 15 digits of the old form'],
    };
  }
  const regionCode = id.slice(0, 6);
  const region = findRegion(regionCode);
  const birthDate = `${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`;
  const dateProblem = findDateProblem(birthDate, today);
  const expected = checkCharacter(id);

  const reasons: string[] = [];
  if (region === undefined) reasons.push(`no province has the code ${id.slice(0, 2)}`);
  if (dateProblem !== undefined) reasons.push(dateProblem);
  if (id.charAt(17) !== expected) {
    reasons.push(`the check character is ${id.charAt(17)}, the other digits require ${expected}`);
  }
  if (region === undefined || reasons.length > 0) return { valid: false, reasons };
  return {
    valid: true,
    reasons: [],
    id,
    region_code: regionCode,
    ...region,
    birth_date: birthDate,
    sex: Number(id.charAt(16)) % 2 === 1 ? 'male' : 'female',
  };
}

/** The 18-character form of either form, or undefined when the text has neither shape. */
function toCurrentForm(text: string): string | undefined {
  if (/^[0-9]{17}[0-9X]$/.test(text)) return text;
  if (!/^[0-9]{15}$/.test(text)) return undefined;
  // The old form reserved the sequences 996 to 999 for people who were then over a hundred years old.
  const century = text.slice(12) >= '996' ? '18' : '19';
  const digits = text.slice(0, 6) + century + text.slice(6);
  return digits + checkCharacter(digits);
}

/** Dates of the form YYYY-MM-DD compare as text. */
function findDateProblem(date: string, today: string): string | undefined {
  const time = Date.parse(`${date}T00:00:00Z`);
  // Date.parse moves 30 February to March, so the day has to survive the way back.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date) {
    return `the birth date ${date} is not in the calendar`;
  }
  if (date < '1800-01-01') return `the birth date ${date} is before 1800`;
  if (date > today) return `the birth date ${date} is in the future`;
  return undefined;
}
