/**
 * Which path leads to which tool.
 *
 *   /execute/{plugin}/{tool}
 *   /execute/{plugin}          the plugin's only tool
 *   /execute                   the only tool of the default plugin
 */
import type { ToolId } from '../core/brand.ts';
import type { ErrorCode } from '../core/errors.ts';

/** A tool as the front needs it. */
export interface RoutedTool {
  readonly id: ToolId;
  readonly plugin: string;
  readonly tool: string;
  /** Deadline of one call in milliseconds. */
  readonly timeoutMs: number;
  /** In which an accepted call should have ended as a rule, in milliseconds; 0: no matter. */
  readonly budgetMs: number;
}

/** What a path means. */
export type Route =
  | { readonly kind: 'tool'; readonly tool: RoutedTool }
  | { readonly kind: 'refused'; readonly code: ErrorCode };

const ROOT = '/execute';

const refused = (code: ErrorCode): Route => ({ kind: 'refused', code });

export class Routes {
  private readonly byPath = new Map<string, Route>();
  private readonly inactive = new Set<string>();

  /**
   * `defaultPlugin`: the configured one; without it the only plugin is the default. `inactive`: plugins that are
   * there but switched off.
   */
  constructor(
    tools: readonly RoutedTool[],
    defaultPlugin: string | undefined,
    inactive: readonly string[] = [],
  ) {
    const byPlugin = Map.groupBy(tools, ({ plugin }) => plugin);
    for (const [plugin, own] of byPlugin) {
      for (const tool of own) this.byPath.set(`${ROOT}/${plugin}/${tool.tool}`, { kind: 'tool', tool });
      this.byPath.set(`${ROOT}/${plugin}`, onlyOf(own));
    }
    for (const plugin of inactive) this.inactive.add(plugin);
    const [first, second] = new Set([...byPlugin.keys(), ...inactive]);
    const name = defaultPlugin ?? (second === undefined ? first : undefined);
    const own = name === undefined ? undefined : byPlugin.get(name);
    if (name === undefined) this.byPath.set(ROOT, refused('NO_DEFAULT_PLUGIN'));
    else if (this.inactive.has(name)) this.byPath.set(ROOT, refused('PLUGIN_INACTIVE'));
    else this.byPath.set(ROOT, own === undefined ? refused('UNKNOWN_PLUGIN') : onlyOf(own));
  }

  /** `path` as it stands in the request line, without query; one trailing slash is ignored. Undefined: no path of ours. */
  find(path: string): Route | undefined {
    const found = this.byPath.get(path);
    if (found !== undefined) return found;
    const bare = path.endsWith('/') ? path.slice(0, -1) : path;
    return this.byPath.get(bare) ?? this.explain(bare);
  }

  /** Why an unknown path leads nowhere. */
  private explain(path: string): Route | undefined {
    const [, root, plugin, tool, more] = path.split('/', 5);
    if (root !== 'execute' || plugin === undefined || more !== undefined) return undefined;
    if (this.inactive.has(plugin)) return refused('PLUGIN_INACTIVE');
    if (tool === undefined || !this.byPath.has(`${ROOT}/${plugin}`)) return refused('UNKNOWN_PLUGIN');
    return refused('UNKNOWN_TOOL');
  }
}

function onlyOf(tools: readonly RoutedTool[]): Route {
  const [tool, second] = tools;
  return tool === undefined || second !== undefined ? refused('NO_DEFAULT_TOOL') : { kind: 'tool', tool };
}
