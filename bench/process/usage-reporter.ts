/** Preloaded into a server where there is no /proc: answers each message of its parent with its own usage. */
import { isMainThread } from 'node:worker_threads';

export interface UsageReport {
  readonly cpuMicros: number;
  readonly residentBytes: number;
  /** What keeps the main thread's event loop turning: sockets, timers, watches, requests to the system. */
  readonly handles: number;
}

if (isMainThread) {
  process.on('message', () => {
    const cpu = process.cpuUsage();
    const report: UsageReport = {
      cpuMicros: cpu.user + cpu.system,
      residentBytes: process.memoryUsage.rss(),
      handles: process.getActiveResourcesInfo().length,
    };
    process.send?.(report);
  });
  // Listening must not keep the server alive.
  process.channel?.unref();
}
