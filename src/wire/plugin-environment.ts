/**
 * The environment threads with plugin code start with: the process's own, without what is meant for the server: its
 * settings, and flags of its Node, which would load whatever they name into every thread.
 */
export function pluginEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !isForTheServer(entry[0]),
  );
  return Object.fromEntries(entries);
}

function isForTheServer(name: string): boolean {
  return name.startsWith('HOTLANE_') || name === 'NODE_OPTIONS';
}
