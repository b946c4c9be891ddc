/** A request's head as guards see it. The library's request is gone after its handler, so what they need is copied. */
import type { Guard, GuardedHead } from '../wire/guard.ts';
import type { HttpRequest } from './uws.ts';

/** Only within the handler. */
export function guardedHead(req: HttpRequest, { headers }: Guard): GuardedHead {
  const values = new Map<string, string[]>();
  req.forEach((name, value) => {
    if (!headers.has(name)) return;
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  });
  // Undefined where there is no question mark; an empty query has one, and a signature is over it.
  const query: string | undefined = req.getQuery();
  return {
    method: req.getMethod().toUpperCase(),
    target: query === undefined ? req.getUrl() : `${req.getUrl()}?${query}`,
    values: (header) => values.get(header) ?? [],
  };
}
