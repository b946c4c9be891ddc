/** A tool as Coze knows it after the import of a document, and who calls it. */
import type { JsonObject } from './json.ts';

export interface Parameter {
  readonly name: string;
  readonly where: 'path' | 'query' | 'header';
  readonly isRequired: boolean;
  readonly schema: JsonObject;
}

export interface ImportedTool {
  /** The operationId, by which the model calls it. */
  readonly name: string;
  /** What the model reads about it. */
  readonly summary: string;
  /** In upper case. */
  readonly method: string;
  /** Server and path; `{name}` stands for an argument. */
  readonly url: string;
  readonly parameters: readonly Parameter[];
  /** Schema of the request's body; undefined: it has none. */
  readonly body: JsonObject | undefined;
  /** Schema of the 200 answer. */
  readonly answer: JsonObject;
  /** It says `x-runMode: Streaming`. */
  readonly isStreaming: boolean;
}

/** Whom the headers name. A workflow node and a debug run send neither bot nor conversation. Ids are decimal texts. */
export interface Identity {
  readonly user: string;
  readonly bot?: string | undefined;
  readonly conversation?: string | undefined;
}

/** A property that the owner of the plugin has switched off in Coze's editor; it never reaches the model. */
export function isDisabled(schema: JsonObject): boolean {
  return schema['x-global-disable'] === true || schema['x-local-disable'] === true;
}
