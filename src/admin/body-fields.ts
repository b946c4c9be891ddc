/** The fields of an action's body. */

export type BodyFields<Name extends string> =
  | { readonly outcome: 'fine'; readonly fields: { readonly [Field in Name]?: unknown } }
  | { readonly outcome: 'wrong'; readonly reason: string };

/** Unknown fields are refused: a misspelt one would have the action done in another way than the one meant. */
export function bodyFields<Name extends string>(body: unknown, names: readonly Name[]): BodyFields<Name> {
  if (body === undefined) return { outcome: 'fine', fields: {} };
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { outcome: 'wrong', reason: 'the body must be a JSON object' };
  }
  const stray = Object.keys(body).find((key) => !names.some((name) => name === key));
  if (stray === undefined) return { outcome: 'fine', fields: body };
  const reason = `the body has a field that means nothing here: ${JSON.stringify(stray)}`;
  return { outcome: 'wrong', reason };
}
