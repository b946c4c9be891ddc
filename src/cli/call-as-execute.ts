/** A call by the envelope contract: POST /execute/{plugin}/{tool}. */
import { isObject, parseJson } from '../twin/json.ts';
import { reasonOf } from './admin-client.ts';
import { type Call, pathOf } from './call.ts';
import { fail, printAnswer } from './call-output.ts';
import { EXIT } from './exit-codes.ts';

export async function asExecute(call: Call): Promise<void> {
  const { plugin, tool, user, bot, conversation, args, serviceToken, timeout } = call;
  const url = pathOf(call, 'execute', plugin, tool);
  const headers = new Headers({ 'Content-Type': 'application/json' });
  if (conversation !== undefined) headers.set('X-Coze-Conversation-Id', conversation);
  if (serviceToken?.in === 'header') headers.set(serviceToken.name, serviceToken.token);
  if (serviceToken?.in === 'query') url.searchParams.set(serviceToken.name, serviceToken.token);
  const body = JSON.stringify({ user_id: user, ...(bot !== undefined && { bot_id: bot }), parameters: args });
  try {
    const signal = AbortSignal.timeout(timeout * 1000);
    const response = await fetch(url, { method: 'POST', headers, body, signal });
    const answer = parseJson(await response.text());
    if (response.status !== 200) process.stderr.write(`The server answers with ${response.status}.\n`);
    if (isObject(answer)) return printAnswer(answer);
    fail(EXIT.failed, `What answers at ${url.href} is no JSON object.`);
  } catch (error) {
    const cause = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
    const isOut = error instanceof TypeError;
    fail(isOut ? EXIT.unreachable : EXIT.failed, `No answer from ${url.href}: ${reasonOf(cause)}.`);
  }
}
