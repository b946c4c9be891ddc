/**
 * The paths of tools as Coze calls them: `/p/{plugin}` and behind it what the tool says, with arguments as segments.
 */
import { NATIVE_ROOT } from '../wire/native-http.ts';
import type { Route, RoutedTool } from './routes.ts';

/** A path with arguments in it. */
interface Pattern {
  /** Segments behind `/p/{plugin}`; undefined stands for an argument. */
  readonly segments: readonly (string | undefined)[];
  readonly names: readonly string[];
  /** In lower case. */
  readonly method: string;
  readonly tool: RoutedTool;
}

/** What one plugin serves. */
interface Place {
  /** Without arguments, by `{method} {path}`, which is how nearly all are found. */
  readonly patterns: readonly Pattern[];
  /** Every tool by its name, for those that look for one that is not offered. */
  readonly refused: ReadonlySet<string>;
}

export class NativeRoutes {
  /** By method and whole path. */
  private readonly fixed = { get: new Map<string, Route>(), post: new Map<string, Route>() };
  private readonly places = new Map<string, Place>();
  private readonly inactive: ReadonlySet<string>;

  constructor(byPlugin: ReadonlyMap<string, readonly RoutedTool[]>, inactive: ReadonlySet<string>) {
    this.inactive = inactive;
    for (const [plugin, tools] of byPlugin) {
      const patterns: Pattern[] = [];
      const refused = new Set<string>();
      for (const tool of tools) {
        if (tool.native === undefined) refused.add(`/${tool.tool}`);
        else if (tool.native.pathArguments.length > 0) patterns.push(patternOf(tool, tool.native));
        else
          this.fixed[lower(tool.native.method)].set(`${NATIVE_ROOT}/${plugin}${tool.native.path}`, {
            kind: 'native',
            tool,
            path: '',
          });
      }
      this.places.set(plugin, { patterns, refused });
    }
  }

  /** `method` in lower case. Undefined: no path below `/p`. */
  find(method: string, path: string): Route | undefined {
    const fixed = method === 'post' || method === 'get' ? this.fixed[method].get(path) : undefined;
    if (fixed !== undefined) return fixed;
    const [, root, plugin, ...segments] = path.split('/');
    if (root !== 'p' || plugin === undefined) return undefined;
    if (this.inactive.has(plugin)) return { kind: 'refused', code: 'PLUGIN_INACTIVE' };
    const place = this.places.get(plugin);
    if (place === undefined) return { kind: 'refused', code: 'UNKNOWN_PLUGIN' };
    const matching = place.patterns.filter((pattern) => matches(pattern, segments));
    const pattern = matching.find((one) => one.method === method);
    if (pattern !== undefined) {
      return { kind: 'native', tool: pattern.tool, path: pathArguments(pattern, segments) };
    }
    const methods = [...matching.map((one) => one.method), ...this.fixedMethods(path)];
    if (methods.length > 0) {
      return {
        kind: 'wrong-method',
        allow: [...methods.map((one) => one.toUpperCase()), 'OPTIONS'].join(', '),
      };
    }
    const isRefused = place.refused.has(`/${segments.join('/')}`);
    return { kind: 'refused', code: isRefused ? 'NOT_OFFERED' : 'UNKNOWN_TOOL' };
  }

  private fixedMethods(path: string): readonly string[] {
    return Object.entries(this.fixed).flatMap(([method, paths]) => (paths.has(path) ? [method] : []));
  }
}

function lower(method: 'GET' | 'POST'): 'get' | 'post' {
  return method === 'GET' ? 'get' : 'post';
}

function patternOf(
  tool: RoutedTool,
  { method, path, pathArguments: names }: NonNullable<RoutedTool['native']>,
): Pattern {
  const segments = path
    .slice(1)
    .split('/')
    .map((segment) => (segment.startsWith('{') ? undefined : segment));
  return { segments, names, method: lower(method), tool };
}

/** An argument takes a segment that is not empty. */
function matches({ segments }: Pattern, given: readonly string[]): boolean {
  return (
    segments.length === given.length &&
    segments.every((segment, index) =>
      segment === undefined ? given[index] !== '' : segment === given[index],
    )
  );
}

/** A plus sign in a path is a plus sign, in pairs it would be a blank. */
function pathArguments({ segments, names }: Pattern, given: readonly string[]): string {
  const values = given.filter((_, index) => segments[index] === undefined);
  return names
    .map((name, index) => `${name}=${(values[index] ?? '').replaceAll('+', '%2B').replaceAll('&', '%26')}`)
    .join('&');
}
