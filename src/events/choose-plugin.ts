/**
 * Which plugin gets an event: the one in the path, else the configured one, else the only one that wants events.
 */
import type { ErrorCode } from '../core/errors.ts';

/** The plugins as they are now. */
export interface EventPlugins {
  readonly serving: readonly { readonly name: string; readonly hasEvents: boolean }[];
  /** There, but switched off. */
  readonly inactive: readonly string[];
}

export type Choice =
  | { readonly kind: 'plugin'; readonly plugin: string }
  /** `detail`: says more than the code's sentence. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: string | undefined };

const refused = (code: ErrorCode, detail?: string): Choice => ({ kind: 'refused', code, detail });

/** `inPath`: undefined when the path names none. `configured`: the setting callbackPlugin. */
export function choosePlugin(
  { serving, inactive }: EventPlugins,
  inPath: string | undefined,
  configured: string | undefined,
): Choice {
  const name = inPath ?? configured;
  if (name === undefined) {
    const [only, second] = serving.filter(({ hasEvents }) => hasEvents);
    if (only === undefined) return refused('NO_EVENT_PLUGIN', 'None of the loaded plugins has onEvent.');
    if (second === undefined) return { kind: 'plugin', plugin: only.name };
    return refused(
      'NO_EVENT_PLUGIN',
      'Several plugins have onEvent; name one in the path, /coze/callback/{plugin}, or in the setting callbackPlugin.',
    );
  }
  const plugin = serving.find((one) => one.name === name);
  if (plugin?.hasEvents === true) return { kind: 'plugin', plugin: name };
  if (plugin !== undefined)
    return refused('NO_EVENT_PLUGIN', `The plugin ${name} has no onEvent, so it takes no events.`);
  if (inactive.includes(name)) return refused('PLUGIN_INACTIVE');
  return refused(
    'UNKNOWN_PLUGIN',
    inPath === undefined
      ? `The setting callbackPlugin names ${name}, and no plugin of this name is loaded.`
      : undefined,
  );
}
