/**
 * The address of a path below Coze's API. The user's token goes there, so whatever the path is, it leads to no other
 * host and not above the API's own path.
 */
export function apiUrl(base: string, path: string): URL {
  // Behind an address without a slash at its end, what begins with a slash can only be a path: not `//host`, not `@host`.
  if (!path.startsWith('/') || path.startsWith('//') || path.startsWith('/\\')) throw notBelow(base, path);
  const url = new URL(base + path);
  const top = new URL(base);
  const folder = top.pathname.endsWith('/') ? top.pathname : `${top.pathname}/`;
  if (url.origin !== top.origin || !url.pathname.startsWith(folder)) throw notBelow(base, path);
  return url;
}

function notBelow(base: string, path: string): TypeError {
  return new TypeError(
    `ctx.coze.fetch takes a path below ${base} such as /v1/bots, not ${JSON.stringify(path)}`,
  );
}
