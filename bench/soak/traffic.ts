/** Clients that call all plugins at random and hold every answer against its request and the plugin's lineage. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ending, Line, requestBytes } from '../load/line.ts';
import { judgeAnswer } from './judge-answer.ts';
import type { Lineage } from './lineage.ts';
import { callPath, type SoakedPlugin, seeds, soakedPlugins } from './soaked-plugin.ts';

export interface TrafficOrder {
  readonly port: number;
  readonly clients: number;
  /** Each client rests up to so long between calls. */
  readonly pauseMs: number;
  readonly random: () => number;
  /** By plugin. */
  readonly lineages: ReadonlyMap<string, Lineage>;
}

export interface TrafficReport {
  readonly calls: number;
  /** Answers by plugin and kind: `echo: right`, `io: inactive`, … */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Lost and wrong answers by reason. */
  readonly faults: Readonly<Record<string, number>>;
}

/** How long the last answers may take, in milliseconds. */
const graceMs = 15_000;
/** A plugin's calls are as frequent as its share says. */
const wheel = soakedPlugins.flatMap((plugin) => Array.from({ length: plugin.share }, () => plugin));

export class Traffic {
  private readonly order: TrafficOrder;
  private readonly outcomes: Record<string, number> = {};
  private readonly faults: Record<string, number> = {};
  /** Full names by plugin and version: one version, one hash. */
  private readonly names = new Map<string, string>();
  private readonly open = new Set<Line>();
  private running: readonly Promise<void>[] = [];
  private isStopping = false;
  private sent = 0;
  private ended = 0;

  private constructor(order: TrafficOrder) {
    this.order = order;
  }

  /** Rejects when the server does not accept the connections. */
  static async start(order: TrafficOrder): Promise<Traffic> {
    const traffic = new Traffic(order);
    const lines = await Promise.all(Array.from({ length: order.clients }, () => traffic.connect()));
    traffic.running = lines.map((line) => traffic.run(line));
    return traffic;
  }

  get report(): TrafficReport {
    return { calls: this.sent, outcomes: this.outcomes, faults: this.faults };
  }

  /** Sends no more, and waits for what is under way. */
  async stop(): Promise<TrafficReport> {
    this.isStopping = true;
    const patience = new AbortController();
    await Promise.race([
      Promise.all(this.running),
      sleep(graceMs, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    for (let missing = this.sent - this.ended; missing > 0; missing -= 1) this.fault('lost: no answer');
    for (const line of this.open) line.close();
    return this.report;
  }

  private async connect(): Promise<Line> {
    const line = await Line.open(this.order.port);
    this.open.add(line);
    return line;
  }

  private async run(first: Line): Promise<void> {
    const { random, pauseMs } = this.order;
    let line = first;
    while (!this.isStopping) {
      const plugin = wheel[Math.floor(random() * wheel.length)];
      if (plugin === undefined) throw new Error('there are no plugins');
      const isWhole = await this.call(line, plugin);
      if (!isWhole) {
        this.open.delete(line);
        try {
          line = await this.connect();
        } catch (error) {
          this.fault(`no connection: ${String(error)}`);
          return;
        }
      }
      await sleep(random() * pauseMs);
    }
  }

  /** Whether the connection can be used for another. */
  private async call(line: Line, plugin: SoakedPlugin): Promise<boolean> {
    const serial = this.sent;
    this.sent += 1;
    const text = String(serial).padStart(plugin.textLength, '.');
    const seed = serial % seeds;
    const request = requestBytes(
      { path: callPath(plugin) },
      JSON.stringify({ user_id: '7385012345678901234', parameters: { text, seed } }),
    );
    const sentAt = performance.now();
    const ending = await new Promise<Ending>((resolve) => line.send(request, resolve));
    this.ended += 1;
    const judgement = judgeAnswer({ plugin, text, seed }, ending);
    this.count(this.outcomes, `${plugin.name}: ${judgement.kind}`);
    if (judgement.kind === 'wrong') this.fault(`${plugin.name}: ${judgement.reason}`);
    else this.checkVoice(plugin, judgement.voice, sentAt);
    if ('version' in judgement) this.checkName(plugin, judgement.version);
    return ending.kind === 'answer';
  }

  private checkVoice({ name }: SoakedPlugin, voice: string, sentAt: number): void {
    const lineage = this.order.lineages.get(name);
    if (lineage?.mayAnswer(voice, sentAt) === true) return;
    this.fault(`${name}: ${voice} answered, but only ${lineage?.voices.join(', ')} may`);
  }

  private checkName({ name }: SoakedPlugin, version: string): void {
    const key = `${name} ${version.split('@')[0]}`;
    const known = this.names.get(key) ?? version;
    this.names.set(key, known);
    if (known !== version) this.fault(`${name}: answers say ${known} and ${version}`);
  }

  private fault(reason: string): void {
    this.count(this.faults, reason);
  }

  private count(counts: Record<string, number>, key: string): void {
    counts[key] = (counts[key] ?? 0) + 1;
  }
}
