/** `hotlane twin send-event`: delivers one event, once or several times, and tells how each delivery ended. */
import { randomUUID } from 'node:crypto';
import { type Delivery, sendEvent } from '../twin/twin.ts';
import { EXIT } from './exit-codes.ts';
import { jsonObject, usageError } from './json-flag.ts';

export interface SendEventFlags {
  readonly to: string;
  readonly token: string;
  readonly type: string;
  readonly event: string;
  readonly eventId?: string;
  readonly repeat: number;
  readonly corrupt?: 'body' | 'signature';
}

/** Prints one line of JSON for each delivery; the worst one decides the exit code. */
export async function sendEvents({
  to,
  event: text,
  eventId = randomUUID(),
  repeat,
  ...rest
}: SendEventFlags): Promise<void> {
  const event = jsonObject(text);
  if (event === undefined) return usageError(`--event: expected a JSON object, got ${text}`);
  if (!URL.canParse(to)) return usageError(`--to: expected a URL, got ${to}`);
  for (let sent = 0; sent < repeat; sent += 1) {
    const delivery = await sendEvent({ ...rest, to, event, eventId });
    process.stdout.write(`${JSON.stringify(delivery)}\n`);
    process.stderr.write(`${sentenceOf(delivery, to)}\n`);
    if (delivery.outcome !== 'taken') process.exitCode = CODES[delivery.outcome];
  }
}

const CODES = { refused: EXIT.refused, late: EXIT.failed, unreachable: EXIT.unreachable } as const;

function sentenceOf(delivery: Delivery, to: string): string {
  switch (delivery.outcome) {
    case 'taken':
      return `Taken after ${delivery.ms} ms.`;
    case 'refused':
      return `Refused with ${delivery.status} after ${delivery.ms} ms; Coze would send it again.`;
    case 'late':
      return `No answer within 3 s; Coze would send it again.`;
    case 'unreachable':
      return `Nothing answers at ${to}: ${delivery.reason}.`;
  }
}
