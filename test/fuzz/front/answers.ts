/**
 * A strict reader of HTTP/1.1 answers: whatever a server may not send is a problem, not something to repair.
 *
 * RFC 9112: status line, header lines as `name: value`, a body as long as the one Content-Length says. The HTTP
 * library's own refusals have no length, announce the end of the connection and keep that promise.
 */

export interface ReadAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface Answers {
  /** Final ones; interim ones (1xx) are only counted. */
  readonly answers: readonly ReadAnswer[];
  readonly interim: number;
  /** Something that is not HTTP. */
  readonly problem: string | undefined;
  /** Bytes behind the last whole answer. */
  readonly rest: number;
}

export interface Reading {
  /** Which answers, counted from 0, have no body because HEAD was asked; undefined: not known. */
  readonly heads: ReadonlySet<number> | undefined;
  /** No more will come. */
  readonly isOver: boolean;
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e]+$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/;

/** Reads all that has been received on one connection. */
export function readAnswers(received: Buffer, { heads, isOver }: Reading): Answers {
  const answers: ReadAnswer[] = [];
  let interim = 0;
  let at = 0;
  const result = (problem?: string): Answers => ({ answers, interim, problem, rest: received.length - at });
  while (at < received.length) {
    const end = received.indexOf('\r\n\r\n', at);
    if (end === -1) return result(startsLikeAnswer(received.toString('latin1', at, at + 9)));
    const head = readHead(received.toString('latin1', at, end));
    if (typeof head === 'string') return result(head);
    const { status, headers } = head;
    const bodyStart = end + 4;
    if (status < 200) {
      interim++;
      at = bodyStart;
      continue;
    }
    const length = headers.get('content-length');
    if (status === 204) {
      if (length !== undefined && length !== '0') return result('a 204 with a length');
      answers.push({ status, headers, body: '' });
      at = bodyStart;
      continue;
    }
    if (length === undefined) {
      if (headers.get('connection') !== 'close') return result('an answer without a length');
      if (!isOver) return result();
      answers.push({ status, headers, body: received.toString('utf8', bodyStart) });
      at = received.length;
      continue;
    }
    if (!/^\d{1,9}$/.test(length)) return result(`the length "${length}"`);
    const bodyEnd = bodyStart + Number(length);
    const hasNoBody = heads?.has(answers.length) ?? nextAnswerStarts(received, bodyStart);
    if (!hasNoBody && bodyEnd > received.length) return result();
    answers.push({ status, headers, body: hasNoBody ? '' : received.toString('utf8', bodyStart, bodyEnd) });
    at = hasNoBody ? bodyStart : bodyEnd;
  }
  return result();
}

/** Our bodies start with a brace, the library's with `<`. */
function nextAnswerStarts(received: Buffer, at: number): boolean {
  return at === received.length || received.toString('latin1', at, at + 5) === 'HTTP/';
}

function startsLikeAnswer(start: string): string | undefined {
  return 'HTTP/1.1 '.startsWith(start) ? undefined : `not HTTP: ${JSON.stringify(start)}`;
}

function readHead(text: string): { status: number; headers: Map<string, string> } | string {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const status = STATUS_LINE.exec(statusLine)?.[1];
  if (status === undefined) return `the status line ${JSON.stringify(statusLine.slice(0, 80))}`;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined) return `the header line ${JSON.stringify(line.slice(0, 80))}`;
    const key = name.toLowerCase();
    if (headers.has(key)) return `the header ${key} twice`;
    headers.set(key, value);
  }
  return { status: Number(status), headers };
}
