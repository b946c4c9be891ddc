/** The process as a whole, under the names that Prometheus gives them everywhere. */
import type { Register } from './register.ts';

export function registerProcess(register: Register): void {
  register.counter('process_cpu_seconds_total', 'User and system time of all threads.', [], () => {
    const { user, system } = process.cpuUsage();
    return [[{}, (user + system) / 1e6]];
  });
  register.gauge('process_resident_memory_bytes', 'Resident memory of the process.', [], () => [
    [{}, process.memoryUsage.rss()],
  ]);
  register.gauge(
    'process_start_time_seconds',
    'When the process started, in seconds since the Unix epoch.',
    [],
    () => [[{}, performance.timeOrigin / 1000]],
  );
}
