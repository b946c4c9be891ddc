/** Where a server's plugin code comes from: a folder that is watched, or one that is taken as it is. */
import type { Deployment, LostWorker } from '../pool/deployment.ts';
import type { LoadReport } from '../pool/thread.ts';
import type { ReloadControl } from '../reload/control.ts';

export interface PluginSupply {
  /** What the first workers run. */
  readonly deployment: Deployment;
  readonly control: ReloadControl;
  /** The first worker has told what it could load; before it serves. */
  started(report: LoadReport): void;
  /** A serving worker crashed or was stuck. */
  workerLost(lost: LostWorker): void;
  /** Calls are answered: from now on there is time to look for changes. */
  watch(): void;
  close(): Promise<void>;
}
