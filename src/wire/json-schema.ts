/** A JSON Schema as plain JSON: what is left of a plugin's schema when it crosses threads or is written to a file. */

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** A schema whose `type` is `object`. */
export type ObjectSchema = JsonObject;
