/**
 * Whether new code can be trusted, judged by its first calls: what the probe cannot see shows there. Nobody waits
 * for calls, though: without traffic there is no doubt.
 */
import type { VersionCount } from '../dispatch/version-counts.ts';

/** Fewer calls say nothing. */
const CALLS = 5;
/** Share of calls that fail by the plugin's fault from which a version is worse than its predecessor. */
const SHARE = 0.5;
/** A worker lost after so many calls of the new code is not blamed on it any more. */
const FIRST_CALLS = 10_000;

const share = ({ calls, faults }: VersionCount): number => (calls === 0 ? 0 : faults / calls);

/** A sentence, if the new version fails more often than it works and the old one did not. */
export function failing(fresh: VersionCount, before: VersionCount): string | undefined {
  if (fresh.calls < CALLS || share(fresh) <= SHARE || share(before) > SHARE) return undefined;
  return `${fresh.faults} of its first ${fresh.calls} calls failed`;
}

/**
 * A sentence, if the new version has opened a circuit, which was closed when it came, and the old one did not fail. From then
 * on hardly a call reaches it, so its counts would never tell.
 */
export function tripping(tools: readonly string[], before: VersionCount): string | undefined {
  const [tool] = tools;
  if (tool === undefined || share(before) > SHARE) return undefined;
  return `most of the calls of its tool ${tool} failed, so that they are refused now`;
}

/** Whether a lost worker may be this plugin's doing. `culprit`: the plugin whose code ran, where that is known. */
export function isSuspect(plugin: string, culprit: string | undefined): boolean {
  return culprit === undefined || culprit === plugin;
}

/** A sentence, if losing a worker is to be blamed on the new version. */
export function losing(fresh: VersionCount, reason: string): string | undefined {
  return fresh.calls > FIRST_CALLS ? undefined : `a worker was lost on its first calls: ${reason}`;
}
