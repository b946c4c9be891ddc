/** What runs in Piscina's threads: the same call as inline, here. */
import { type Reply, toolCalls } from './tool-calls.ts';
import type { ToolPath } from './tool-paths.ts';

export interface PoolTask {
  readonly path: ToolPath;
  readonly body: string | Uint8Array;
}

const calls = toolCalls();

/** Gives back the JSON alone when the status is 200: a string is the cheapest to clone. */
export default function run({ path, body }: PoolTask): string | Reply | Promise<string | Reply> {
  const call = calls.get(path);
  if (call === undefined) throw new Error(`no tool at ${path}`);
  // Bytes arrive as a plain Uint8Array: the structured clone knows no Buffer.
  const reply = call(
    typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.length).toString(),
  );
  return reply instanceof Promise ? reply.then(compact) : compact(reply);
}

function compact(reply: Reply): string | Reply {
  return reply.status === 200 ? reply.json : reply;
}
