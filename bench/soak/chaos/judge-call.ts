/** How one call ended, and whether it may have ended so. */
import type { Ending } from '../../load/line.ts';
import { judgeAnswer } from '../judge-answer.ts';
import type { Question } from './question.ts';

/** As far as the client can tell: */
export type Outcome =
  /** 200 with exactly what was asked for. */
  | 'right'
  /** 500, of a plugin made to fail. */
  | 'failed'
  /** 502: the worker was lost with the call. */
  | 'died'
  /** 503: not taken. */
  | 'refused'
  /** 504. */
  | 'late'
  /** No whole answer. */
  | 'lost'
  /** The answer to another request. */
  | 'crossed'
  /** Anything that this request could not get. */
  | 'wrong';

export interface Verdict {
  readonly outcome: Outcome;
  /** Of a refusal its code; of what may not be, what it is. */
  readonly detail: string;
}

/** The refusals that callers can meet while the server runs and nobody switches plugins off. */
const refusals: ReadonlySet<string> = new Set([
  'QUEUE_FULL',
  'NOT_READY',
  'OVERLOADED',
  'PLUGIN_BUSY',
  'CIRCUIT_OPEN',
]);
/** Clocks of two processes count the same time in other steps. */
const clockStepMs = 2;

/**
 * `elapsedMs`: from the first byte sent to the last byte received.
 * `isGood`: whether a version was ever saved that may answer.
 */
export function judgeCall(
  question: Question,
  ending: Ending,
  elapsedMs: number,
  isGood: (version: string) => boolean,
): Verdict {
  if (ending.kind === 'broken') return { outcome: 'lost', detail: ending.reason };
  const { status, head } = ending;
  const answered = headerOf(head, 'x-request-id');
  if (answered !== question.requestId) {
    return { outcome: 'crossed', detail: `the answer to ${answered} came to ${question.requestId}` };
  }
  switch (status) {
    case 200:
    case 500:
      return judgeContent(question, ending, isGood);
    case 502:
      return codeIn(ending.body) === 'WORKER_DIED'
        ? { outcome: 'died', detail: '' }
        : wrong(`502 ${codeIn(ending.body)}`);
    case 503:
      return judgeRefusal(codeIn(ending.body), headerOf(head, 'retry-after'));
    case 504:
      return elapsedMs >= question.deadlineMs - clockStepMs
        ? { outcome: 'late', detail: '' }
        : wrong(`504 after ${Math.round(elapsedMs)} of ${question.deadlineMs} ms`);
    default:
      return wrong(`status ${status}, ${codeIn(ending.body)}`);
  }
}

function judgeContent(question: Question, ending: Ending, isGood: (version: string) => boolean): Verdict {
  const judgement = judgeAnswer(question, ending);
  if (judgement.kind === 'wrong') {
    const outcome = judgement.reason === 'wrong data.text' ? 'crossed' : 'wrong';
    return { outcome, detail: judgement.reason };
  }
  if (!('version' in judgement)) return wrong(judgement.kind);
  const outcome = judgement.kind === 'right' ? 'right' : 'failed';
  if (!question.plugin.mayEnd.includes(outcome)) return wrong(`it ${outcome}, which it cannot`);
  const [version = ''] = judgement.version.split('@');
  return isGood(version) ? { outcome, detail: '' } : wrong(`version ${version} answered, which is not good`);
}

function judgeRefusal(code: string, retryAfter: string | undefined): Verdict {
  if (!refusals.has(code)) return wrong(`503 ${code}`);
  if (retryAfter === undefined || !/^[1-9]\d*$/.test(retryAfter)) {
    return wrong(`503 ${code} with Retry-After: ${retryAfter}`);
  }
  return { outcome: 'refused', detail: code };
}

function wrong(detail: string): Verdict {
  return { outcome: 'wrong', detail };
}

function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}:[ \\t]*([^\\r]*)`, 'i').exec(head)?.[1];
}

function codeIn(body: Buffer): string {
  try {
    const answer: unknown = JSON.parse(body.toString());
    return typeof answer === 'object' && answer !== null ? String(Reflect.get(answer, 'code')) : 'no code';
  } catch {
    return 'no JSON';
  }
}
