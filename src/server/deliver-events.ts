/** Hands events to plugins as calls of their event tool. */
import { errorSpec } from '../core/errors.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { Deliver, DeliveredEvent, Delivery } from '../events/event-callbacks.ts';
import { NO_IDENTITY, NO_TARGET } from '../wire/context-frame.ts';
import { CONTRACT } from '../wire/contract.ts';
import type { ToolTable } from './tool-table.ts';

export function eventDelivery(dispatcher: Dispatcher, table: Pick<ToolTable, 'eventTool'>): Deliver {
  return (plugin, event) => {
    const tool = table.eventTool(plugin);
    if (tool === undefined) return Promise.resolve('refused');
    const { promise, resolve } = Promise.withResolvers<Delivery>();
    const call = {
      tool: tool.id,
      timeoutMs: tool.timeoutMs,
      budgetMs: 0,
      identity: { ...NO_IDENTITY, requestId: event.requestId },
      contract: CONTRACT.native,
      target: NO_TARGET,
      sequence: 0,
    };
    const slot = dispatcher.submit(call, bodyOf(event), {
      reply: (status) => resolve(status === 200 ? 'done' : 'failed'),
      fail: (code) => resolve(errorSpec(code).status === 503 ? 'refused' : 'failed'),
    });
    if (typeof slot !== 'number') resolve('refused');
    return promise;
  };
}

/** The arguments of the event tool; the payload stays the bytes that Coze has signed. */
function bodyOf({ id, type, payload }: DeliveredEvent): Uint8Array {
  const head = JSON.stringify(type === undefined ? { id } : { id, type });
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"payload":`), payload, Buffer.from('}')]);
}
