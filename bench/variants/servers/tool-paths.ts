/** Where the benchmark's tools answer. */
export const toolPaths = ['/execute/echo/echo', '/execute/cpu/burn', '/execute/io/wait'] as const;

export type ToolPath = (typeof toolPaths)[number];

export function isToolPath(path: string | undefined): path is ToolPath {
  return toolPaths.some((known) => known === path);
}
