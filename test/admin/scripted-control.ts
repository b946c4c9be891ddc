/**
 * Plugins that exist only on paper, and a control over them whose actions end as the test says: the edge of the
 * world for the admin port and the command line.
 */
import type { ActionReport, PluginView, ReloadControl, VersionView } from '../../src/reload/control.ts';

/** Content hashes, which are told apart by their first digits. */
export const OLD = '3f2a91c0bb12'.padEnd(64, '0');
export const NEW = '77aa02b1c9de'.padEnd(64, '0');

/** A plugin that serves; `more` says what is different about this one. */
export function plugin(name: string, more: Partial<PluginView> = {}): PluginView {
  return {
    name,
    state: 'ACTIVE',
    version: '1.2.0',
    hash: OLD,
    since: '2026-01-01T12:00:00.000Z',
    calls: 1204,
    errors: 3,
    tools: ['hello'],
    circuits: [],
    pinned: false,
    rejected: undefined,
    ...more,
  };
}

export function version(hash: string, more: Partial<VersionView> = {}): VersionView {
  return { hash, version: '1.2.0', keptAt: '2026-01-01T12:00:00.000Z', good: true, active: false, ...more };
}

/** What a control was told to do: `reload`, `rollback greet 3f2a` … */
export type Order = string;

export interface ScriptedControl extends ReloadControl {
  /** In the order they came. */
  readonly orders: readonly Order[];
}

export interface Script {
  readonly plugins?: readonly PluginView[];
  /** By plugin. */
  readonly versions?: Readonly<Record<string, readonly VersionView[]>>;
  /** Called for each action. */
  readonly end?: (order: Order) => ActionReport | Promise<ActionReport>;
}

export function scriptedControl({ plugins = [], versions = {}, end }: Script = {}): ScriptedControl {
  const orders: Order[] = [];
  const act = async (...words: (string | undefined)[]): Promise<ActionReport> => {
    const order = words.filter((word) => word !== undefined).join(' ');
    orders.push(order);
    return (await end?.(order)) ?? { outcome: 'done', changes: [], ms: 1 };
  };
  return {
    orders,
    plugins: () => plugins,
    versions: async (name) => (Object.hasOwn(versions, name) ? versions[name] : undefined),
    reload: (name) => act('reload', name),
    rollback: (name, hash) => act('rollback', name, hash),
    activate: (name) => act('activate', name),
    deactivate: (name) => act('deactivate', name),
    unload: (name) => act('unload', name),
  };
}
