/**
 * Names of the places an identity number's first digits stand for, by GB/T 2260 code: two digits for a
 * province-level division, four for a prefecture-level one.
 *
 * `regions.json` holds the 34 province-level codes; 83, which residence permits give to residents from
 * Taiwan (71 is the code of the standard itself); the 333 prefecture-level divisions of today; and the 19
 * abolished since the edition of 2002, because a number keeps the code it was issued with. Codes abolished
 * earlier are absent: their province is known, their prefecture is not. The four municipalities and the
 * counties a province governs directly have no prefecture.
 */
import regions from './regions.json' with { type: 'json' };

const names: ReadonlyMap<string, string> = new Map(Object.entries(regions));

export interface Region {
  /** Chinese name, e.g. 广东省. */
  readonly province: string;
  /** Chinese name, e.g. 汕头市; absent where the code names none or is not in the table. */
  readonly prefecture?: string;
}

/** The region of a six-digit division code, or undefined when its province does not exist. */
export function findRegion(code: string): Region | undefined {
  const province = names.get(code.slice(0, 2));
  if (province === undefined) return undefined;
  const prefecture = names.get(code.slice(0, 4));
  return prefecture === undefined ? { province } : { province, prefecture };
}
