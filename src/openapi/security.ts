/** How a document says what callers have to bring along. */
import type { JsonObject } from '../wire/json-schema.ts';

/** What calls of one plugin have to bring along, as far as a document can say it. */
export type DocumentAuth =
  | { readonly kind: 'none' }
  /** A token that is the same for all calls, in the header or query parameter `name`. */
  | { readonly kind: 'service-token'; readonly in: 'header' | 'query'; readonly name: string };

/** The `security` of an operation or document. */
export function requirement(auth: DocumentAuth): readonly JsonObject[] {
  return auth.kind === 'none' ? [] : [{ [schemeName(auth)]: [] }];
}

/** The `components` that requirements refer to; undefined where there are none. */
export function securityComponents(auths: readonly DocumentAuth[]): JsonObject | undefined {
  const schemes = auths.flatMap((auth) =>
    auth.kind === 'none'
      ? []
      : [[schemeName(auth), { type: 'apiKey', in: auth.in, name: auth.name }] as const],
  );
  return schemes.length === 0 ? undefined : { securitySchemes: Object.fromEntries(schemes) };
}

function schemeName({ in: place, name }: Extract<DocumentAuth, { kind: 'service-token' }>): string {
  return `${place}_${name}`;
}
