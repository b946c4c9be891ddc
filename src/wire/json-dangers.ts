/** What makes a parsed JSON value dangerous to those who handle it next. */

/** Deepest nesting accepted. ajv and JSON.stringify overflow the stack at some thousands. */
export const DEEPEST = 128;

/** Whether objects and arrays nest in more than so many levels. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const member of Object.values(value)) if (isDeeper(member, levels - 1)) return true;
  return false;
}

/** Whether an object anywhere has the key `__proto__`, which pollutes a prototype in the first Object.assign. */
export function hasProtoKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!Array.isArray(value) && Object.hasOwn(value, '__proto__')) return true;
  return Object.values(value).some(hasProtoKey);
}
