/** A call by Coze's native contract: who it is for only in headers, arguments flat. */
import type { CallHead } from '../src/wire/context-frame.ts';
import type { Asked } from './envelope.ts';
import type { NativeArgumentReader } from './native-arguments.ts';
import { parseBody } from './parse-body.ts';

/** The body is `bytes[start, end)`; none where all arguments stand elsewhere. */
export function readNative(
  bytes: Buffer,
  start: number,
  end: number,
  reader: NativeArgumentReader,
  head: CallHead,
): Asked {
  const parsed = end === start ? NO_BODY : parseBody(bytes, start, end);
  if (parsed.kind === 'refused') return parsed;
  const read = reader.read(parsed.value, head);
  if (read.kind === 'refused') return { kind: 'refused', code: 'SCHEMA_VIOLATION', detail: read.detail };
  return { kind: 'call', parameters: read.values, userId: head.userId, botId: head.botId };
}

const NO_BODY = { kind: 'value', value: undefined } as const;
