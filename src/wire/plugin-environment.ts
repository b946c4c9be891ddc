/**
 * The environment threads with plugin code start with: the process's own, without the server's settings.
 */
export function pluginEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('HOTLANE_'),
  );
  return Object.fromEntries(entries);
}
