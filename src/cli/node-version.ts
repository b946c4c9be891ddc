/** Tells whether this Node can run hotlane. */

/** The sentence to refuse with, or undefined. `running` is as `24.21.0`, `range` as `>=24.12`. */
export function nodeRefusal(running: string, range: string): string | undefined {
  const oldest = range.replace(/^>=/, '');
  if (!isOlder(running, oldest)) return undefined;
  return `hotlane needs Node ${oldest} or newer and this is ${running}; npm scripts run the one it brings along.`;
}

function isOlder(version: string, than: string): boolean {
  const have = version.split('.').map(Number);
  for (const [index, need] of than.split('.').map(Number).entries()) {
    const part = have[index] ?? 0;
    if (part !== need) return part < need;
  }
  return false;
}
