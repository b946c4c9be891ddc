/** A call as Coze makes it: by the plugin's OpenAPI document, and nothing that the document does not declare. */
import { isObject, parseJson } from '../twin/json.ts';
import {
  type CallOutcome,
  callAsCoze,
  type Imported,
  type ImportedTool,
  importDocument,
  isPrivate,
} from '../twin/twin.ts';
import { reasonOf } from './admin-client.ts';
import { type Call, pathOf } from './call.ts';
import { fail, printAnswer, printable, printNotes } from './call-output.ts';
import { EXIT } from './exit-codes.ts';
import { onOneLine } from './plain-text.ts';

const LINT = '`hotlane lint` tells what a document leaves out, and why.';

type Plugin = Extract<Imported, { outcome: 'imported' }>;

export async function asCoze(call: Call): Promise<void> {
  const document = await fetchDocument(call);
  if (document === undefined) return;
  const imported = importDocument(document);
  if (imported.outcome === 'refused') {
    const lines = imported.problems.map(({ rule, place, reason }) => `  rule ${rule}  ${place}  ${reason}`);
    return fail(
      EXIT.rejected,
      ['Coze would not import the document of this plugin:', ...lines, LINT].join('\n'),
    );
  }
  const tool = imported.tools.get(call.tool);
  if (tool === undefined) {
    const names = [...imported.tools.keys()].join(', ');
    return fail(
      EXIT.refused,
      `The document of ${call.plugin} has no tool ${call.tool}; it has ${names}.\n${LINT}`,
    );
  }
  printNotes([
    ...notesOn(imported, call),
    ...(call.stream && !tool.isStreaming ? ['the tool does not stream'] : []),
  ]);
  show(await perform(tool, imported, call));
}

function perform(tool: ImportedTool, { server }: Plugin, call: Call): Promise<CallOutcome> {
  const { args, user, bot, conversation, serviceToken, timeout, retry, stream, url } = call;
  return callAsCoze(
    tool,
    args,
    { user, bot, conversation },
    {
      origin: new URL(server).origin === url.origin ? undefined : url.origin,
      serviceToken,
      timeoutMs: timeout * 1000,
      retry,
      stream: stream === true,
      onText: (text) => process.stdout.write(printable(text)),
    },
  );
}

/** What would be different in Coze before anything is called. */
function notesOn({ server }: Plugin, { url }: Call): string[] {
  const declared = new URL(server);
  if (isPrivate(declared)) {
    return [
      `Coze does not call private addresses such as ${declared.origin}; set publicUrl before the import`,
    ];
  }
  return declared.origin === url.origin
    ? []
    : [`Coze would call ${declared.origin}; this call goes to ${url.origin}`];
}

function show(outcome: CallOutcome): void {
  switch (outcome.outcome) {
    case 'answered':
      printNotes(outcome.notes);
      return printAnswer(outcome.data);
    case 'streamed':
      process.stdout.write('\n');
      printNotes([...outcome.notes, outcome.packets === 1 ? '1 packet' : `${outcome.packets} packets`]);
      return;
    case 'failed':
      printNotes(outcome.notes);
      return fail(CODES.get(outcome.code) ?? EXIT.failed, `In Coze the call fails: ${outcome.text}`);
  }
}

const CODES: ReadonlyMap<string, number> = new Map([
  ['REFUSED_ARGUMENTS', EXIT.usage],
  ['UNREACHABLE', EXIT.unreachable],
  ['STATUS', EXIT.refused],
]);

/** Undefined: there is none; standard error and the exit code have told so then. */
async function fetchDocument(call: Call): Promise<object | undefined> {
  const url = pathOf(call, 'p', call.plugin, 'openapi.json');
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    const answer = parseJson(await response.text());
    if (response.status === 200 && isObject(answer)) return answer;
    const message =
      isObject(answer) && typeof answer['message'] === 'string' ? `: ${onOneLine(answer['message'])}` : '';
    fail(
      EXIT.refused,
      `There is no document at ${url.href}, the server answers with ${response.status}${message}`,
    );
  } catch (error) {
    const cause = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
    fail(EXIT.unreachable, `No hotlane server answers at ${url.href}: ${reasonOf(cause)}.`);
  }
  return undefined;
}
