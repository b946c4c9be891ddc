/**
 * Keeps plugins from crowding each other out. Calls pass from here to the submission queue, which all share and which
 * knows no favour, only in such numbers that a newcomer finds its place; the rest waits here, each tool in its own line.
 *
 *   admitted ──► line of its tool ──(rules below)──► submission queue ──► worker ──► over
 *        └──────────── at once, where nothing stands against it ────────────▲
 *
 *   alone      as many as keep all workers in work, with a little ahead. More would only wait in the shared queue, in
 *              the way of whoever comes next.
 *   in company (another plugin was called within the last second)
 *              places      the last quarter is for plugins that hold less than their equal part
 *              threads     one plugin's long calls leave one worker free; all long calls together do too while short
 *                          ones come in, but for plugins that have none running and are done within moments: else
 *                          one stuck call would hold up all that compute. While a worker is missing, the one that is
 *                          left may be the one to leave free: very long calls wait then until it is replaced. With a
 *                          single worker nobody can be spared.
 *              the line    the last quarter of the waiting room, likewise
 *              the track   long calls go to workers of their own while short ones come in, see partition.ts
 *
 * Company is what others want, not what they might: a plugin on its own has the whole server.
 */
import type { SlotIndex, ToolId } from '../core/brand.ts';
import { HeavyCalls } from './heavy-calls.ts';
import { type Line, newLine, newShare, type Share } from './shares.ts';
import { SlotLinks } from './slot-lists.ts';
import type { ToolLoad } from './tool-load.ts';
import { NO_RULES, type ToolRules } from './tool-rules.ts';

/** A plugin is company for so many ms after its last call. */
const COMPANY = 1000;
/** Work kept ready in the submission queue for a plugin on its own, and in company, in ms. */
const SLACK_ALONE = 4;
const SLACK_IN_COMPANY = 1;
/** A worker that is missing for longer than this, in ms, is not waited for. */
const REPLACEMENT = 2000;
/** Part of places and waiting room that is kept for those with less than their equal part. */
const RESERVE = 0.25;

export interface BulkheadOptions {
  readonly workers: number;
  /** Calls one worker runs at the same time. */
  readonly concurrency: number;
  /** Calls that may wait in all. */
  readonly queueLimit: number;
  /** False: only limits that were set for a plugin apply. */
  readonly fairShare: boolean;
}

export class Bulkheads {
  /** Those that go to workers of their own. */
  readonly heavy: HeavyCalls;
  private readonly options: BulkheadOptions;
  private readonly links: SlotLinks;
  /** By tool. */
  private readonly lines: (Line | undefined)[] = [];
  private readonly shares = new Map<string, Share>();
  /** By slot minus first slot. */
  private readonly lineOf: (Line | undefined)[];
  private readonly enteredAt: Float64Array;
  /** Threads this call counts for, fixed when it went to the workers. */
  private readonly threadsOf: Float64Array;
  private inFlight = 0;
  /** Workers that serve the heavy track, which short calls cannot have. */
  private keptApart = 0;
  private waitingCalls = 0;
  private active = 0;
  private shortCallsComeIn = false;
  /** Workers that serve, since when fewer than wanted, and how many of them long calls may have in company. */
  private serving: number;
  private missingSince = Number.POSITIVE_INFINITY;
  private spared: number;
  /** Whose line is asked first next time. */
  private turn = 0;

  constructor(options: BulkheadOptions, firstSlot: number, slots: number) {
    this.options = options;
    this.heavy = new HeavyCalls(firstSlot, slots);
    this.serving = options.workers;
    this.spared = Math.max(1, options.workers - 1);
    this.links = new SlotLinks(firstSlot, slots);
    this.lineOf = Array.from({ length: slots }, () => undefined);
    this.enteredAt = new Float64Array(slots);
    this.threadsOf = new Float64Array(slots);
  }

  /** From now on; what is under way keeps its place. */
  setRules(tool: ToolId, rules: ToolRules): void {
    const line = this.lineAt(tool);
    const share = this.shareOf(rules.plugin);
    share.maxInFlight = rules.maxInFlight ?? Number.POSITIVE_INFINITY;
    share.maxWaiting = rules.maxWaiting ?? Number.POSITIVE_INFINITY;
    if (line.inFlight === 0 && line.waiting.length === 0) line.share = share;
  }

  private lineAt(tool: ToolId): Line {
    let line = this.lines[tool];
    if (line === undefined) {
      line = newLine(tool, this.shareOf(NO_RULES.plugin), this.links);
      this.lines[tool] = line;
    }
    return line;
  }

  private shareOf(plugin: string): Share {
    let share = this.shares.get(plugin);
    if (share === undefined) {
      share = newShare();
      this.shares.set(plugin, share);
    }
    return share;
  }

  /** What is known of a tool's calls. */
  load(tool: ToolId): ToolLoad {
    return this.lineAt(tool).load;
  }

  /** A call of this tool has come; before anything else is asked about it. */
  announce(tool: ToolId, now: number): void {
    const line = this.lineAt(tool);
    const { share } = line;
    share.lastCall = now;
    if (!share.isActive) {
      share.isActive = true;
      this.active++;
    }
    if (!line.load.isLong) {
      share.lastShortCall = now;
      this.shortCallsComeIn = true;
    }
  }

  /** Whether a call may go to the workers at once. Those in its line go first. */
  mayStart(tool: ToolId): boolean {
    const line = this.lineAt(tool);
    return line.waiting.length === 0 && this.hasRoomFor(line);
  }

  private hasRoomFor({ share, load, inFlight }: Line): boolean {
    if (share.inFlight >= share.maxInFlight) return false;
    if (!this.options.fairShare) return true;
    const { workers, places } = this;
    if (this.active < 2) return inFlight < load.worthHaving(workers, places, SLACK_ALONE);
    const isKeptFree = this.inFlight >= places * (1 - RESERVE);
    if (isKeptFree && share.inFlight >= places / this.active) return false;
    if (!load.isLong) return inFlight < load.worthHaving(workers, places, SLACK_IN_COMPANY);
    const spared = load.isVeryLong ? this.spared : Math.max(1, this.spared);
    if (spared === 0) return false;
    const part = load.threadShare;
    const own = this.threads(share);
    if (own > 0 && own + part > spared) return false;
    const mayBeLast = !load.isVeryLong && own === 0;
    if (this.shortCallsComeIn && !mayBeLast) {
      const all = this.threads();
      if (all > 0 && all + part > spared) return false;
    }
    return inFlight < load.worthHaving(spared, places, 0);
  }

  /** Threads that long calls keep busy, of one plugin or of all. What turned out to be short since it began does not count. */
  private threads(share?: Share): number {
    let threads = 0;
    for (const line of this.lines) {
      if (line === undefined || line.threads === 0 || !line.load.isLong) continue;
      if (share === undefined || line.share === share) threads += line.threads;
    }
    return threads;
  }

  /** One more waiting call would be more than the plugin's part. */
  hasItsShareOfWaiting(tool: ToolId): boolean {
    const { share } = this.lineAt(tool);
    const { queueLimit, fairShare } = this.options;
    if (share.waiting >= share.maxWaiting) return true;
    if (!fairShare || this.active < 2 || this.waitingCalls < queueLimit * (1 - RESERVE)) return false;
    return share.waiting >= queueLimit / this.active;
  }

  /**
   * Milliseconds until a call that comes at `now` would start, if all goes on as it does. By Little's law: calls ahead of
   * it leave at the rate at which those with the workers do, which is their number over the time each spends there. Where
   * none has left for longer than that, something holds them up, and it is taken to go on for as long as it has lasted.
   * Of a tool that is new only such a standstill counts: its first calls are slow, and few are let in. And since a stop of
   * the machine makes all calls it meets long ones, without saying anything of the next, none are expected to leave more
   * slowly than they did on average over more time than such a stop takes. `queued`: calls in the submission queue;
   * more of them never make it less.
   */
  expectedWait(tool: ToolId, queued: number, now: number): number {
    const { waiting, inFlight, load, lastLeft } = this.lineAt(tool);
    if (waiting.length === 0 && queued === 0) return 0;
    // What is in the queue and finds a worker free does not wait.
    const excess =
      inFlight + 1 - load.atOnce(this.options.workers, this.options.workers * this.options.concurrency);
    const ahead = waiting.length + Math.max(0, Math.min(queued, excess));
    if (ahead === 0) return 0;
    const standstill = Math.max(0, now - lastLeft - load.residence);
    if (load.pace === undefined) return standstill;
    return standstill + ahead * Math.min(load.residence / Math.max(1, inFlight), load.pace);
  }

  /** The call waits here from `now` on. */
  wait(slot: SlotIndex, tool: ToolId, now: number): void {
    const line = this.lineAt(tool);
    this.lineOf[slot - this.links.firstSlot] = line;
    if (line.inFlight === 0 && line.waiting.length === 0) line.lastLeft = now;
    line.waiting.append(slot);
    line.share.waiting++;
    this.waitingCalls++;
    // Not with the workers yet.
    this.enteredAt[slot - this.links.firstSlot] = -1;
  }

  /** The call goes to the submission queue at `now`. */
  start(slot: SlotIndex, tool: ToolId, now: number): void {
    const line = this.lineAt(tool);
    this.lineOf[slot - this.links.firstSlot] = line;
    this.enter(slot, line, now);
  }

  private enter(slot: SlotIndex, line: Line, now: number): void {
    const index = slot - this.links.firstSlot;
    const threads = line.load.isLong ? line.load.threadShare : 0;
    this.enteredAt[index] = now;
    this.threadsOf[index] = threads;
    if (threads > 0 && this.isKeptApart(threads)) this.heavy.add(slot, line.tool, threads);
    if (line.inFlight === 0) line.lastLeft = now;
    line.inFlight++;
    line.threads += threads;
    line.share.inFlight++;
    this.inFlight++;
  }

  /** A long call that leaves workers to the short ones of others is not to meet those in one thread either. */
  private isKeptApart(threads: number): boolean {
    const { fairShare } = this.options;
    if (!fairShare || this.active < 2 || !this.shortCallsComeIn || this.serving < 2) return false;
    return this.threads() + threads <= Math.max(1, this.spared);
  }

  /** So many workers serve the heavy track from now on. */
  setKeptApart(workers: number): void {
    this.keptApart = workers;
  }

  /** Threads that the calls of the heavy track keep busy. */
  threadsOfHeavy(): number {
    return this.heavy.threads((tool) => this.lineAt(tool).load.isLong);
  }

  /** A missing worker is still waited for: long calls do not take the last one meanwhile. */
  get isAwaited(): boolean {
    return this.spared === 0;
  }

  /** Workers that short calls can have, and the calls those run at the same time. */
  private get workers(): number {
    return this.options.workers - this.keptApart;
  }

  private get places(): number {
    return this.workers * this.options.concurrency;
  }

  /** When the call went to the submission queue, as `now` then. */
  startedAt(slot: SlotIndex): number {
    return this.enteredAt[slot - this.links.firstSlot] ?? 0;
  }

  /** Calls wait while others run of which nobody knows yet what they cost. */
  get waitsOnUnknown(): boolean {
    if (this.waitingCalls === 0) return false;
    return this.lines.some((line) => line !== undefined && line.inFlight > 0 && line.load.cost === undefined);
  }

  /** True while the call has not gone to the submission queue. */
  isWaiting(slot: SlotIndex): boolean {
    const index = slot - this.links.firstSlot;
    return this.lineOf[index] !== undefined && this.enteredAt[index] === -1;
  }

  /** The slot is free again at `now`, wherever its call was. */
  leave(slot: SlotIndex, now: number): void {
    const index = slot - this.links.firstSlot;
    const line = this.lineOf[index];
    if (line === undefined) return;
    this.lineOf[index] = undefined;
    if (this.enteredAt[index] === -1) {
      this.stopWaiting(slot, line);
      return;
    }
    this.heavy.remove(slot);
    const threads = this.threadsOf[index] ?? 0;
    line.inFlight--;
    // A sum of fractions: without calls there is nothing, whatever was rounded on the way.
    line.threads = line.inFlight === 0 ? 0 : line.threads - threads;
    line.share.inFlight--;
    this.inFlight--;
    line.load.learnResidence(now - (this.enteredAt[index] ?? now), now - line.lastLeft);
    line.lastLeft = now;
  }

  /** The worker of this call serves no more: its thread is none of those that others could have. */
  excuse(slot: SlotIndex): void {
    const index = slot - this.links.firstSlot;
    const line = this.lineOf[index];
    if (line === undefined || this.enteredAt[index] === -1) return;
    line.threads -= this.threadsOf[index] ?? 0;
    this.threadsOf[index] = 0;
    this.heavy.remove(slot);
  }

  private stopWaiting(slot: SlotIndex, line: Line): void {
    line.waiting.remove(slot);
    line.share.waiting--;
    this.waitingCalls--;
  }

  /** The next waiting call that may go to the submission queue, taken out of its line at `now`. Lines take turns. */
  next(now: number): SlotIndex | undefined {
    if (this.waitingCalls === 0) return undefined;
    const count = this.lines.length;
    for (let step = 0; step < count; step++) {
      const at = (this.turn + step) % count;
      const line = this.lines[at];
      const slot = line?.waiting.first;
      if (line === undefined || slot === undefined || !this.hasRoomFor(line)) continue;
      this.turn = at + 1;
      this.stopWaiting(slot, line);
      this.enter(slot, line, now);
      return slot;
    }
    return undefined;
  }

  /** So many workers serve from `now` on. */
  setServing(workers: number, now: number): void {
    const isWhole = workers >= this.options.workers;
    if (isWhole) this.missingSince = Number.POSITIVE_INFINITY;
    else if (this.missingSince === Number.POSITIVE_INFINITY) this.missingSince = now;
    this.serving = workers;
    this.spare(now);
  }

  private spare(now: number): void {
    const { workers } = this.options;
    const isAwaited = workers > 1 && now - this.missingSince < REPLACEMENT;
    this.spared = Math.max(isAwaited ? 0 : 1, Math.min(workers, this.serving) - 1);
  }

  /** Now and then: who has not been called for a while is no company any more. */
  forget(now: number): void {
    this.spare(now);
    this.active = 0;
    this.shortCallsComeIn = false;
    for (const share of this.shares.values()) {
      share.isActive = now - share.lastCall < COMPANY || share.inFlight + share.waiting > 0;
      if (share.isActive) this.active++;
      if (now - share.lastShortCall < COMPANY) this.shortCallsComeIn = true;
    }
  }

  /** Calls that wait here. */
  get waiting(): number {
    return this.waitingCalls;
  }

  /** Calls of a tool that wait here. */
  waitingOf(tool: ToolId): number {
    return this.lines[tool]?.waiting.length ?? 0;
  }
}
