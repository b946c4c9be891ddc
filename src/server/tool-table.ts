/**
 * The plugins that serve and their tools, with the numbers all threads share and the deadline of each.
 *
 * A tool keeps its number for the life of the process, whatever versions of its plugin come and go: calls that
 * wait while workers are exchanged mean the same tool to old and new ones, and its counters go on.
 */
import type { Settings } from '../config/settings.ts';
import type { ToolId } from '../core/brand.ts';
import type { Log } from '../core/log.ts';
import type { ToolRules } from '../dispatch/tool-rules.ts';
import type { EventPlugins } from '../events/choose-plugin.ts';
import { type RoutedTool, Routes } from '../front/routes.ts';
import { whyNotOffered } from '../openapi/why-not-offered.ts';
import { EVENT_TOOL, type PluginManifest, type ToolBinding, type ToolManifest } from '../wire/catalogue.ts';
import type { NativeHttp } from '../wire/native-http.ts';
import type { Page } from '../wire/page.ts';
import type { Guards } from './guards.ts';

/** An event is answered after a few seconds at most, but may be worked on for so many ms. */
const EVENT_TIMEOUT_MS = 60_000;

export class ToolTable {
  /** Those that serve. */
  plugins: readonly PluginManifest[] = [];
  /** The longest deadline that any call ever had, in ms: it only grows, since calls outlive the routes of their tools. */
  longestTimeoutMs: number;
  /** Those that can be called. */
  tools: readonly RoutedTool[] = [];
  private inactive: readonly string[] = [];
  private readonly settings: Settings;
  private readonly guards: Pick<Guards, 'of'>;
  private readonly log: Log;
  /** Tools that cannot be offered to Coze, with the reason as it was told last. */
  private readonly refusedOffers = new Map<string, string>();
  private readonly numbered: ToolBinding[] = [];
  private readonly byName = new Map<string, ToolBinding>();

  constructor(settings: Settings, guards: Pick<Guards, 'of'>, log: Log) {
    this.settings = settings;
    this.guards = guards;
    this.log = log;
    this.longestTimeoutMs = settings.timeoutMs;
  }

  /** Every tool there ever was, by number. */
  get known(): readonly ToolBinding[] {
    return this.numbered;
  }

  /** The numbers of tools by name; of those that never were, none. */
  idsOf(tools: readonly { readonly plugin: string; readonly tool: string }[]): ReadonlySet<ToolId> {
    const known = tools.map(({ plugin, tool }) => this.byName.get(`${plugin}/${tool}`));
    return new Set(known.filter((binding) => binding !== undefined).map(({ id }) => id));
  }

  /** The numbers of these plugins' tools. */
  bind(plugins: readonly PluginManifest[]): readonly ToolBinding[] {
    return plugins.flatMap((plugin) => namesOf(plugin).map((tool) => this.numberOf(plugin.name, tool)));
  }

  private numberOf(plugin: string, tool: string): ToolBinding {
    const name = `${plugin}/${tool}`;
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const binding = { id: this.numbered.length as ToolId, plugin, tool };
    this.numbered.push(binding);
    this.byName.set(name, binding);
    return binding;
  }

  /** From now on these can be called, and no others. `inactive`: plugins that are there but switched off. */
  publish(plugins: readonly PluginManifest[], inactive: readonly string[] = []): void {
    this.inactive = inactive;
    this.plugins = plugins.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.tools = this.plugins.flatMap(({ name: plugin, tools }) =>
      tools.map((tool): RoutedTool => {
        const timeoutMs = this.deadlineOf(plugin, tool.name, tool.timeoutMs);
        const budgetMs = this.budgetOf(plugin, tool.name, timeoutMs);
        const hidesStatus = this.hidesStatusOf(plugin);
        const { isStreaming } = tool;
        const guard = this.guards.of(plugin);
        const native = this.offerOf(plugin, tool);
        return {
          ...this.numberOf(plugin, tool.name),
          timeoutMs,
          budgetMs,
          hidesStatus,
          native,
          isStreaming,
          guard,
        };
      }),
    );
    const timeouts = this.tools.map(({ timeoutMs }) => timeoutMs);
    if (plugins.some(({ hasEvents }) => hasEvents)) timeouts.push(EVENT_TIMEOUT_MS);
    this.longestTimeoutMs = Math.max(this.longestTimeoutMs, ...timeouts);
  }

  /** Where an event for this plugin goes; undefined: it takes none now. */
  eventTool(plugin: string): { readonly id: ToolId; readonly timeoutMs: number } | undefined {
    const takes = this.plugins.some(({ name, hasEvents }) => name === plugin && hasEvents);
    if (!takes || this.inactive.includes(plugin)) return undefined;
    return { id: this.numberOf(plugin, EVENT_TOOL).id, timeoutMs: EVENT_TIMEOUT_MS };
  }

  /** Plugins as those see them who send events. */
  get eventPlugins(): EventPlugins {
    return { serving: this.plugins, inactive: this.inactive };
  }

  /** The file's word on the tool, then on the plugin, then the tool's own, then the server's. */
  private deadlineOf(plugin: string, tool: string, declared: number | undefined): number {
    const own = this.settings.pluginSettings[plugin];
    return own?.tools?.[tool]?.timeoutMs ?? own?.timeoutMs ?? declared ?? this.settings.timeoutMs;
  }

  /** The file's word on the tool, then on the plugin, then the server's; else a tenth of the deadline. */
  private budgetOf(plugin: string, tool: string, timeoutMs: number): number {
    const own = this.settings.pluginSettings[plugin];
    const said = own?.tools?.[tool]?.startBudgetMs ?? own?.startBudgetMs ?? this.settings.startBudgetMs;
    return said ?? Math.ceil(timeoutMs / 10);
  }

  /** Where Coze finds the tool; undefined, and a line, where Coze could not be told what it takes or gives. */
  private offerOf(plugin: string, tool: ToolManifest): NativeHttp | undefined {
    const name = `${plugin}/${tool.name}`;
    const reason = whyNotOffered(tool);
    if (reason === undefined) {
      this.refusedOffers.delete(name);
      return tool.native;
    }
    if (this.refusedOffers.get(name) !== reason) {
      this.refusedOffers.set(name, reason);
      const facts = { plugin, tool: tool.name, reason };
      this.log.warn('the tool cannot be offered to Coze; it is called by its envelope only', facts);
    }
    return undefined;
  }

  /** The file's word on the plugin, then the server's; else Coze is spared the status and others see it. */
  private hidesStatusOf(plugin: string): RoutedTool['hidesStatus'] {
    const said = this.settings.pluginSettings[plugin]?.errorStatus ?? this.settings.errorStatus;
    return { envelope: said === 'coze', native: said !== 'http' };
  }

  /** What the dispatcher must know of each tool that serves, by its number. */
  rules(): readonly (readonly [ToolId, ToolRules])[] {
    return this.plugins.flatMap((manifest) => {
      const { name: plugin, tools } = manifest;
      const { breaker = true, maxInFlight, maxWaiting } = this.settings.pluginSettings[plugin] ?? {};
      return namesOf(manifest).map((tool): readonly [ToolId, ToolRules] => [
        this.numberOf(plugin, tool).id,
        {
          plugin,
          tool,
          idempotent: tools.some(({ name, idempotent }) => name === tool && idempotent),
          breaker: breaker && this.settings.breaker,
          maxInFlight,
          maxWaiting,
        },
      ]);
    });
  }

  /** The name of a tool by its number, such as `weather/current`. */
  nameOf(id: ToolId): string {
    const binding = this.numbered[id];
    return binding === undefined ? `tool ${id}` : `${binding.plugin}/${binding.tool}`;
  }

  /** `pages`: what is served beside the tools. */
  routes(pages: readonly Page[]): Routes {
    const { tools, inactive } = this;
    return new Routes({ tools, inactive, defaultPlugin: this.settings.defaultPlugin, pages });
  }
}

/** Its tools, and what gets its events. */
function namesOf({ tools, hasEvents }: PluginManifest): readonly string[] {
  const names = tools.map(({ name }) => name);
  return hasEvents ? [...names, EVENT_TOOL] : names;
}
