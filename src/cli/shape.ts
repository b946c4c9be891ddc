/** Tells whether a value read from JSON is of a type. The compiler holds each shape to its type. */

export type Shape<Value> = (value: unknown) => value is Value;

export const text: Shape<string> = (value) => typeof value === 'string';
export const number: Shape<number> = (value) => typeof value === 'number';
export const truth: Shape<boolean> = (value) => typeof value === 'boolean';

export function word<Word extends string>(...words: readonly Word[]): Shape<Word> {
  return (value): value is Word => words.some((one) => one === value);
}

export function optional<Value>(shape: Shape<Value>): Shape<Value | undefined> {
  return (value): value is Value | undefined => value === undefined || shape(value);
}

export function list<Value>(shape: Shape<Value>): Shape<readonly Value[]> {
  return (value): value is readonly Value[] => Array.isArray(value) && value.every((one) => shape(one));
}

/** What hangs below each name of an object whose names are not known. */
export function record<Value>(shape: Shape<Value>): Shape<Readonly<Record<string, Value>>> {
  return (value): value is Readonly<Record<string, Value>> =>
    typeof value === 'object' && value !== null && Object.values(value).every((one) => shape(one));
}

/** Further fields are welcome: a newer server may say more. */
export function object<Value extends object>(
  fields: { readonly [Key in keyof Value]-?: Shape<Value[Key]> },
): Shape<Value> {
  const tests = Object.entries<(value: unknown) => boolean>(fields);
  return (value): value is Value =>
    typeof value === 'object' &&
    value !== null &&
    tests.every(([key, fits]) => fits(Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined));
}
