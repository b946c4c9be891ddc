/** Where a command puts what it fetched. */

/** `hotlane-worker-0-2026-01-01T12-00-00.cpuprofile` */
export function defaultFile(what: string, kind: 'cpuprofile' | 'heapsnapshot', now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(':', '-');
  return `hotlane-${what}-${time}.${kind}`;
}
