/** Weight of each of the 17 digits: 2 to the power of its distance from the end, modulo 11. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;

/** The character for each remainder; X stands for 10. */
const CHARACTERS = '10X98765432';

/**
 * The check character of an identity number: ISO 7064 MOD 11-2, as GB 11643-1999 applies it.
 * Takes at least 17 decimal digits and looks at the first 17.
 */
export function checkCharacter(digits: string): string {
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(digits.charAt(index)), 0);
  return CHARACTERS.charAt(sum % 11);
}
