/**
 * Workers on paper: a pool as a roll sees it, whose starts fail and whose workers die when the test says so. It
 * watches over what a roll promises at every moment.
 */
import type { Deployment } from '../../src/pool/deployment.ts';
import type { Rollable } from '../../src/pool/roll.ts';

/** What happens while one start or one retirement is under way. */
export interface Incident {
  /** The start fails. */
  readonly failing?: boolean;
  /** A worker that serves is lost: this one, counted from the longest living. */
  readonly loses?: number;
  /** A thread stands by: it replaces what is lost beside the worker that is being started, not only in its stead. */
  readonly hasStandby?: boolean;
}

export interface PaperWorker {
  readonly deployment: Deployment;
  state: 'starting' | 'serving';
}

export class PaperCrew implements Rollable<PaperWorker> {
  readonly size: number;
  /** What was done, in order. */
  readonly steps: string[] = [];
  /** Promises that were broken. */
  readonly broken: string[] = [];
  /** Workers lost, by code. */
  readonly lost: Deployment[] = [];
  deployment: Deployment;
  private workers: PaperWorker[];
  private readonly incidents: Incident[];
  private readonly nameOf: (deployment: Deployment) => string;
  private backFailures = 0;

  /** `incidents`: one for each start and each retirement; when there are no more, all goes well. */
  constructor(
    size: number,
    deployment: Deployment,
    incidents: readonly Incident[],
    nameOf: (deployment: Deployment) => string,
  ) {
    this.size = size;
    this.deployment = deployment;
    this.workers = Array.from({ length: size }, () => ({ deployment, state: 'serving' }));
    this.incidents = [...incidents];
    this.nameOf = nameOf;
  }

  /** What the workers run, the longest living first. */
  get running(): readonly string[] {
    return this.workers.map(({ deployment }) => this.nameOf(deployment));
  }

  living(): readonly PaperWorker[] {
    return this.workers;
  }

  deploymentOf({ deployment }: PaperWorker): Deployment {
    return deployment;
  }

  async launch(deployment: Deployment): Promise<PaperWorker> {
    const { failing = false, loses, hasStandby = false } = this.incidents.shift() ?? {};
    const worker: PaperWorker = { deployment, state: 'starting' };
    this.workers.push(worker);
    this.look();
    await Promise.resolve();
    this.lose(loses, hasStandby ? this.size + 1 : this.size);
    await Promise.resolve();
    if (failing) {
      this.steps.push(`${this.nameOf(deployment)} does not start`);
      if (deployment === this.deployment) this.backFailures++;
      this.remove(worker);
      throw new Error(`${this.nameOf(deployment)} does not start`);
    }
    this.steps.push(`${this.nameOf(deployment)} starts`);
    worker.state = 'serving';
    this.look();
    return worker;
  }

  async retire(worker: PaperWorker): Promise<void> {
    if (!this.workers.includes(worker)) this.broken.push('a worker was to go that is not there any more');
    this.steps.push(`${this.nameOf(worker.deployment)} goes`);
    // It finishes its calls, but is none of those that serve.
    this.remove(worker);
    this.look();
    await Promise.resolve();
    this.lose(this.incidents.shift()?.loses);
  }

  adopt(deployment: Deployment): void {
    this.deployment = deployment;
  }

  private lose(which: number | undefined, most = this.size): void {
    const serving = this.workers.filter(({ state }) => state === 'serving');
    const worker = which === undefined ? undefined : serving[which % serving.length];
    if (worker === undefined) return;
    this.lost.push(worker.deployment);
    this.remove(worker, most);
  }

  /** As the real pool does: what is missing is started anew on the code it has been told to. */
  private remove(worker: PaperWorker, most = this.size): void {
    this.workers = this.workers.filter((other) => other !== worker);
    const { deployment } = this;
    while (this.workers.length < most) this.workers.push({ deployment, state: 'serving' });
  }

  private look(): void {
    const serving = this.workers.filter(({ state }) => state === 'serving').length;
    // One fewer only where a worker was lost, or where even the old code did not start.
    const excused = this.lost.length + this.backFailures > 0 ? 1 : 0;
    if (serving < this.size - excused) this.broken.push(`only ${serving} of ${this.size} serve`);
    if (this.workers.length > this.size + 1) this.broken.push(`${this.workers.length} live`);
  }
}
