/** A request's query, without the question mark; '' where there is none, which the library says as undefined. */
import type { HttpRequest } from './uws.ts';

/** Only within the handler. */
export function queryOf(req: HttpRequest): string {
  const query: string | undefined = req.getQuery();
  return query ?? '';
}
