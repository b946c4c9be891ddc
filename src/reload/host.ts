/** What reloading needs of the server around it. */
import type { VersionId } from '../core/brand.ts';
import type { Log } from '../core/log.ts';
import type { VersionCount } from '../dispatch/version-counts.ts';
import type { Deployment } from '../pool/deployment.ts';
import type { RollOutcome } from '../pool/roll.ts';
import type { PluginManifest } from '../wire/catalogue.ts';
import type { OutboundPolicy } from '../wire/outbound.ts';
import type { BrokenCircuit } from './control.ts';

/** A tool by name. */
export interface ToolName {
  readonly plugin: string;
  readonly tool: string;
}

export interface ReloadHost {
  readonly log: Log;
  /** The plugin's section of the configuration file. */
  configOf(plugin: string): Readonly<Record<string, unknown>>;
  /** Where the plugin may call. */
  outboundOf(plugin: string): OutboundPolicy;
  /** New code is likely to come. */
  standBy(): void;
  /** What the workers run. */
  deployed(): Deployment;
  /** Takes all workers there, or back; see `WorkerPool.roll`. */
  roll(to: Deployment, doubts: () => string | undefined): Promise<RollOutcome>;
  /** From now on these can be called; calls to `inactive` ones are answered that they are off; all others are unknown. */
  publish(plugins: readonly PluginManifest[], inactive: readonly string[]): void;
  /** How many calls of these tools wait that no worker has started. */
  waitingCalls(tools: readonly ToolName[]): number;
  /** Longest time a call that has been accepted may wait, in ms. */
  longestWaitMs(): number;
  countsOf(version: VersionId): VersionCount;
  /** Of the plugin's tools, those whose circuit is not closed. */
  circuitsOf(plugin: string): readonly BrokenCircuit[];
}
