/**
 * Which path leads to which tool or page.
 *
 *   /execute/{plugin}/{tool}
 *   /execute/{plugin}          the plugin's only tool
 *   /execute                   the only tool of the default plugin
 *   /p/{plugin}/…              a tool as Coze calls it, see native-routes.ts
 *   anything else              a page, by its exact path
 */
import type { ToolId } from '../core/brand.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Guard } from '../wire/guard.ts';
import type { NativeHttp } from '../wire/native-http.ts';
import type { Page } from '../wire/page.ts';
import { NativeRoutes } from './native-routes.ts';

/** A tool as the front needs it. */
export interface RoutedTool {
  readonly id: ToolId;
  readonly plugin: string;
  readonly tool: string;
  /** Deadline of one call in milliseconds. */
  readonly timeoutMs: number;
  /** In which an accepted call should have ended as a rule, in milliseconds; 0: no matter. */
  readonly budgetMs: number;
  /** Who may call; undefined: everybody. */
  readonly guard: Guard | undefined;
  /** Undefined: it cannot be offered to Coze, and is called by its envelope only. */
  readonly native: NativeHttp | undefined;
  /** It answers in pieces where it is asked to. */
  readonly isStreaming: boolean;
  /** Calls of that contract which fail are answered with 200. */
  readonly hidesStatus: { readonly envelope: boolean; readonly native: boolean };
}

/** What a path means. */
export type Route =
  | { readonly kind: 'tool'; readonly tool: RoutedTool }
  /** `path`: its arguments, as a context frame carries them. */
  | { readonly kind: 'native'; readonly tool: RoutedTool; readonly path: string }
  | { readonly kind: 'page'; readonly page: Page }
  /** The path is one, the method is not. `allow`: those that are. */
  | { readonly kind: 'wrong-method'; readonly allow: string }
  | { readonly kind: 'refused'; readonly code: ErrorCode };

/** What is reachable. */
export interface Reachable {
  readonly tools: readonly RoutedTool[];
  /** The configured one; without it the only plugin is the default. */
  readonly defaultPlugin: string | undefined;
  /** Plugins that are there but switched off. */
  readonly inactive?: readonly string[];
  readonly pages?: readonly Page[];
}

const ROOT = '/execute';
const ONLY_POST: Route = { kind: 'wrong-method', allow: 'POST, OPTIONS' };

const refused = (code: ErrorCode): Route => ({ kind: 'refused', code });

export class Routes {
  private readonly byPath = new Map<string, Route>();
  private readonly inactive: ReadonlySet<string>;
  private readonly native: NativeRoutes;
  private readonly pages: ReadonlyMap<string, Page>;

  constructor({ tools, defaultPlugin, inactive = [], pages = [] }: Reachable) {
    const byPlugin = Map.groupBy(tools, ({ plugin }) => plugin);
    for (const [plugin, own] of byPlugin) {
      for (const tool of own) this.byPath.set(`${ROOT}/${plugin}/${tool.tool}`, { kind: 'tool', tool });
      this.byPath.set(`${ROOT}/${plugin}`, onlyOf(own));
    }
    this.inactive = new Set(inactive);
    this.native = new NativeRoutes(byPlugin, this.inactive);
    this.pages = new Map(pages.map((page) => [page.path, page]));
    const [first, second] = new Set([...byPlugin.keys(), ...inactive]);
    const name = defaultPlugin ?? (second === undefined ? first : undefined);
    const own = name === undefined ? undefined : byPlugin.get(name);
    if (name === undefined) this.byPath.set(ROOT, refused('NO_DEFAULT_PLUGIN'));
    else if (this.inactive.has(name)) this.byPath.set(ROOT, refused('PLUGIN_INACTIVE'));
    else this.byPath.set(ROOT, own === undefined ? refused('UNKNOWN_PLUGIN') : onlyOf(own));
  }

  /**
   * `method` in lower case. `path` as it stands in the request line, without query; one trailing slash is ignored.
   * Undefined: no path of ours.
   */
  find(method: string, path: string): Route | undefined {
    const found = this.byPath.get(path);
    if (found !== undefined) return method === 'post' ? found : ONLY_POST;
    const bare = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    return this.pageAt(method, bare) ?? this.native.find(method, bare) ?? this.underRoot(method, bare);
  }

  private pageAt(method: string, path: string): Route | undefined {
    const page = this.pages.get(path);
    if (page === undefined) return undefined;
    if (page.methods.some((own) => own.toLowerCase() === method)) return { kind: 'page', page };
    return { kind: 'wrong-method', allow: [...page.methods, 'OPTIONS'].join(', ') };
  }

  private underRoot(method: string, path: string): Route | undefined {
    const known = this.byPath.get(path) ?? this.explain(path);
    return known === undefined || method === 'post' ? known : ONLY_POST;
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
