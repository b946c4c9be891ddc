/**
 * One kind of request the benchmark sends, and what a right answer to it is. Plain data, since it is handed
 * to generator processes.
 */

/** Length of every request body in bytes, whatever the call. */
export const bodyBytes = 250;

export interface Call {
  readonly path: string;
  /** Beside those every request has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Parameters beside `text`. */
  readonly parameters: Readonly<Record<string, number>>;
  /** What `data` must hold: the text that was sent, or these values. */
  readonly answer: 'text' | Readonly<Record<string, number>>;
}

export const echoCall: Call = {
  path: '/execute/echo/echo',
  parameters: {},
  answer: 'text',
};
/** The same tool as Coze calls it: arguments flat, who calls in headers. */
export const nativeEchoCall: Call = {
  path: '/p/echo/echo',
  headers: {
    'User-Agent': 'Coze/1.0',
    'X-Aiplugin-Connector-Identifier': '7385012345678901234',
    'X-AIPlugin-Bot-ID': '7385098765432109876',
  },
  parameters: {},
  answer: 'text',
};
export const ioCall: Call = {
  path: '/execute/io/wait',
  parameters: {},
  answer: 'text',
};

/** The computing call; `checksum` is what `steps` steps must come to. */
export function cpuCall(steps: number, checksum: number): Call {
  return { path: '/execute/cpu/burn', parameters: { steps }, answer: { checksum } };
}

/** The text a request with this number carries; its length is what makes the body 250 bytes. */
export function textOf(call: Call, serial: number): string {
  return String(serial).padStart(bodyBytes - bodyWith(call, '').length, '.');
}

/** The body, JSON of exactly 250 ASCII characters. */
export function bodyOf(call: Call, serial: number): string {
  return bodyWith(call, textOf(call, serial));
}

function bodyWith(call: Call, text: string): string {
  if (call.path.startsWith('/p/')) return JSON.stringify({ ...call.parameters, text });
  return JSON.stringify({
    user_id: '7385012345678901234',
    bot_id: '7385098765432109876',
    parameters: { ...call.parameters, text },
  });
}

/** What is wrong with the answer to the request of this number, or undefined when it is right. */
export function faultOf(call: Call, serial: number, status: number, body: string): string | undefined {
  if (status !== 200) return `status ${status}`;
  const expected = call.answer === 'text' ? { text: textOf(call, serial) } : call.answer;
  const data = dataOf(body);
  if (data === undefined) return 'no {"status":"success","data":{...}}';
  const wrong = Object.entries(expected).find(([key, value]) => Reflect.get(data, key) !== value);
  return wrong === undefined ? undefined : `wrong data.${wrong[0]}`;
}

function dataOf(body: string): object | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    return isSuccess(answer) ? answer.data : undefined;
  } catch {
    return undefined;
  }
}

function isSuccess(answer: unknown): answer is { readonly status: 'success'; readonly data: object } {
  if (typeof answer !== 'object' || answer === null) return false;
  const data: unknown = Reflect.get(answer, 'data');
  return Reflect.get(answer, 'status') === 'success' && typeof data === 'object' && data !== null;
}
