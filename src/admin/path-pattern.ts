/** Paths in which `{name}` stands for any one segment, as in `/plugins/{name}/reload`. */

/** What stands for each name, decoded; undefined: the path is another one. */
export function matchPath(pattern: string, path: string): ReadonlyMap<string, string> | undefined {
  const expected = pattern.split('/');
  const segments = path.split('/');
  if (expected.length !== segments.length) return undefined;
  const parameters = new Map<string, string>();
  for (const [index, part] of expected.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith('{')) {
      const value = decoded(segment);
      if (value === undefined) return undefined;
      parameters.set(part.slice(1, -1), value);
    } else if (part !== segment) return undefined;
  }
  return parameters;
}

/** Undefined for an empty segment and for one that is not percent-encoded UTF-8. */
function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment) || undefined;
  } catch {
    return undefined;
  }
}
