/**
 * What a worker reports about the plugins it has loaded, and what the front routes by. Plain data only:
 * it crosses threads by structured clone.
 */
import type { ToolId, VersionId } from '../core/brand.ts';
import type { ObjectSchema } from './json-schema.ts';
import type { NativeHttp } from './native-http.ts';
import type { OutboundPolicy } from './outbound.ts';

/** One tool as declared by its plugin. */
export interface ToolManifest {
  readonly name: string;
  readonly summary: string;
  /** Milliseconds; undefined: the server's default. */
  readonly timeoutMs: number | undefined;
  /** A call whose worker died may run once more. */
  readonly idempotent: boolean;
  readonly input: ObjectSchema;
  readonly output: ObjectSchema;
  /** Where Coze calls it, if its schemas can be said in Coze's dialect. */
  readonly native: NativeHttp;
  /** It answers in pieces. */
  readonly isStreaming: boolean;
}

/** The tool that gets a plugin's events; no tool of a plugin can have this name. */
export const EVENT_TOOL = '@event';

/** One plugin that loaded. */
export interface PluginManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly tools: readonly ToolManifest[];
  /** It wants Coze's events. */
  readonly hasEvents: boolean;
}

/** One plugin that did not. */
export interface PluginFailure {
  readonly name: string;
  /** What is wrong and where, for the plugin's author. */
  readonly reason: string;
  readonly stack: string | undefined;
}

/** Where a plugin's code lies and what it is configured with. */
export interface PluginSource {
  readonly name: string;
  /** Absolute path of the module whose default export is the plugin. */
  readonly entry: string;
  /** The plugin's section of the configuration file. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly outbound: OutboundPolicy;
  /** Absolute root of the copy the entry lies in; undefined: the entry is the author's own file. */
  readonly folder?: string | undefined;
  /** Absolute root of the folder the copy was made of. */
  readonly origin?: string | undefined;
}

/** A plugin as the serving workers load it. */
export interface ServedPlugin extends PluginSource {
  /** Number of this version in this process. */
  readonly version: VersionId;
  /** The probe has found it fit, so what only the probe need check is not checked again. */
  readonly isJudged: boolean;
}

/** The number by which all threads mean the same tool. */
export interface ToolBinding {
  readonly id: ToolId;
  readonly plugin: string;
  readonly tool: string;
}
