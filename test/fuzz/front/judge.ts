/** Holds what came back against what was sent. */
import { ERRORS } from '../../../src/core/errors.ts';
import { type Answers, type ReadAnswer, readAnswers } from './answers.ts';
import type { Transcript } from './play.ts';
import { type ExpectedAnswer, headsOf, type Script } from './script.ts';

const MADE_ID = /^[\w-]{8}-[0-9a-z]+$/;

/** What is wrong; empty: nothing. `ids`: of all scripts that ran at the same time. */
export function judge(script: Script, transcript: Transcript, ids: ReadonlySet<string>): string[] {
  const { received, isOver } = transcript;
  const read = readAnswers(received, { heads: headsOf(script), isOver });
  const problems = foreign(read.answers, script.id, ids);
  if (read.problem !== undefined) problems.push(`no HTTP answer: ${read.problem}`);
  if (transcript.isStuck) problems.push(`no answer and no end of the connection, after ${said(read)}`);
  if (problems.length > 0) return problems;
  const last = script.turns.at(-1);
  if (isOver && read.rest > 0 && script.ending === 'wait') problems.push('an answer broke off');
  if (last?.expects.kind === 'legal') return problems;
  return [...problems, ...againstTurns(script, transcript, read)];
}

function againstTurns({ turns, ending }: Script, transcript: Transcript, read: Answers): string[] {
  const { answers } = read;
  let count = 0;
  for (const [index, { expects }] of turns.entries()) {
    const isLast = index === turns.length - 1;
    if (expects.kind === 'legal') return [];
    if (expects.kind === 'refusal') {
      const answer = answers[count];
      if (answer === undefined) return expects.silently ? [] : ['refused without a word'];
      if (!expects.statuses.includes(answer.status))
        return [`${answer.status}, not ${expects.statuses.join()}`];
      count++;
      continue;
    }
    for (const expected of expects.answers) {
      const answer = answers[count];
      if (answer === undefined) {
        // A client that leaves early gets what it gets.
        if (isLast && (expects.kind === 'some' || ending !== 'wait')) return [];
        return [`no answer to request ${count + 1}, after ${said(read)}`];
      }
      const problem = mismatch(answer, expected);
      if (problem !== undefined) return [`request ${count + 1}: ${problem}`];
      count++;
    }
    const mustStay = expects.kind === 'answers' && !expects.closes && isLast && ending === 'wait';
    if (mustStay && transcript.isOver) return ['the connection ended behind a good answer'];
  }
  return answers.length > count ? [`${answers.length - count} answers more than requests`] : [];
}

function mismatch(answer: ReadAnswer, expected: ExpectedAnswer): string | undefined {
  const { status, headers, body } = answer;
  if (status !== expected.status) return `${status}, not ${expected.status}: ${body.slice(0, 200)}`;
  if (expected.body !== undefined && body !== expected.body) return `another answer: ${body.slice(0, 200)}`;
  if (status === 204) return undefined;
  const id = headers.get('x-request-id') ?? '';
  const isRightId = expected.requestId === undefined ? MADE_ID.test(id) : id === expected.requestId;
  if (!isRightId) return `the request id ${id}`;
  if (headers.get('content-type') !== 'application/json') return 'not told to be JSON';
  if (headers.get('access-control-allow-origin') !== '*') return 'not open to other origins';
  if (status === 405 && headers.get('allow') !== 'POST, OPTIONS') return 'not told what is allowed';
  if (expected.isHead === true || expected.code === undefined) return undefined;
  const told: unknown = JSON.parse(body);
  const isRight =
    typeof told === 'object' &&
    told !== null &&
    'code' in told &&
    told.code === expected.code &&
    'request_id' in told &&
    told.request_id === id &&
    ERRORS[expected.code].status === status;
  return isRight ? undefined : `not ${expected.code}: ${body.slice(0, 200)}`;
}

/** Ids in answers that were sent by somebody else. */
function foreign(answers: readonly ReadAnswer[], own: string, ids: ReadonlySet<string>): string[] {
  return answers.flatMap(({ body, headers }) => {
    const seen = `${headers.get('x-request-id') ?? ''} ${body}`.matchAll(/[0-9a-z]{12}(?=-\d+-)/g);
    const others = [...seen].map(([id]) => id).filter((id) => id !== own && ids.has(id));
    return others.length > 0 ? [`an answer to somebody else: ${others[0]}`] : [];
  });
}

function said({ answers, rest }: Answers): string {
  return `${answers.map(({ status }) => status).join(', ') || 'no answer'} and ${rest} bytes`;
}
