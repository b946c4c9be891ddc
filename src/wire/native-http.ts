/**
 * Where a tool is called natively, as Coze calls it: one method and path for each, arguments flat.
 *
 *   POST /p/order-status/get          all arguments in the body
 *   GET  /p/order-status/orders/{id}  `id` in the path, the others in the query
 */

/** Method and path are unique among the tools of a plugin. */
export interface NativeHttp {
  readonly method: 'GET' | 'POST';
  /** Below `/p/{plugin}`: begins with a slash; a segment `{name}` is that argument. */
  readonly path: string;
  /** Arguments that stand in the path, in its order. */
  readonly pathArguments: readonly string[];
  /** Arguments that stand in the query; all that are left of a GET. */
  readonly queryArguments: readonly string[];
}

/** Where all native paths begin. */
export const NATIVE_ROOT = '/p';
