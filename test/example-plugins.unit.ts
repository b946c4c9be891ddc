/** What holds for every example plugin; what each one does is tested beside it. */
import { Ajv } from 'ajv';
import { type Test, test } from 'tap';
import digest from '../plugins/digest/index.ts';
import emailCheck from '../plugins/email-check/index.ts';
import idCard from '../plugins/id-card/index.ts';
import orderStatus from '../plugins/order-status/index.ts';
import weather from '../plugins/weather/index.ts';
import type { JsonSchema, Plugin, Tool } from '../src/plugin/plugin.ts';
import { callContext, initContext } from './support/call-context.ts';

const plugins: Readonly<Record<string, Plugin>> = {
  digest,
  'email-check': emailCheck,
  'id-card': idCard,
  'order-status': orderStatus,
  weather,
};

/** The schema keywords that survive an import of the OpenAPI document into Coze. */
const KEYWORDS = new Set(
  (
    'type description enum default properties required additionalProperties items ' +
    'minLength maxLength pattern minimum maximum minItems maxItems'
  ).split(' '),
);
const TYPES = new Set(['string', 'integer', 'number', 'boolean', 'object', 'array']);

for (const [folder, plugin] of Object.entries(plugins)) {
  test(`${folder}: named as its folder, every tool described, with an example and schemas that import`, async (t) => {
    t.equal(plugin.name, folder);
    t.match(plugin.version, /^\d+\.\d+\.\d+$/);
    for (const [name, tool] of Object.entries(plugin.tools)) {
      t.match(name, /^[A-Za-z0-9_-]{1,64}$/);
      t.match(tool.summary, /^[A-Z].{20,120}\.$/);
      t.ok(tool.examples?.length, `${name} has an example`);
      checkSchema(t, tool.input, `${name} input`);
      checkSchema(t, tool.output, `${name} output`);
    }
  });

  test(`${folder}: every example fits the schemas and is answered as printed`, async (t) => {
    await plugin.init?.(initContext());
    t.teardown(() => plugin.dispose?.());
    for (const tool of Object.values(plugin.tools)) await runExamples(t, tool);
  });
}

/** An example without an output depends on the outside world and is checked for its input only. */
async function runExamples(t: Test, tool: Tool): Promise<void> {
  const ajv = new Ajv({ strict: true, ownProperties: true });
  const acceptsInput = ajv.compile(tool.input);
  const acceptsOutput = ajv.compile(tool.output);
  for (const { input, output } of tool.examples ?? []) {
    t.ok(acceptsInput(input), ajv.errorsText(acceptsInput.errors));
    if (output === undefined) continue;
    const answer = await tool.execute(input, callContext());
    t.strictSame(answer, output);
    t.ok(acceptsOutput(answer), ajv.errorsText(acceptsOutput.errors));
  }
}

/** Walks a schema: known keywords, one explicit type and a description everywhere, closed objects. */
function checkSchema(t: Test, schema: JsonSchema, path: string): void {
  const node = new Map<string, unknown>(Object.entries(schema));
  t.strictSame(
    [...node.keys()].filter((keyword) => !KEYWORDS.has(keyword)),
    [],
    path,
  );
  const type = String(node.get('type'));
  t.ok(TYPES.has(type), `${path} has a type`);
  if (type === 'object') {
    t.equal(node.get('additionalProperties'), false, `${path} is closed`);
    const properties = Object.entries(node.get('properties') ?? {});
    t.ok(properties.length > 0, `${path} lists its properties`);
    for (const [name, property] of properties) checkProperty(t, property, `${path}.${name}`);
  }
  if (type === 'array') checkProperty(t, node.get('items'), `${path}[]`, false);
}

function checkProperty(t: Test, schema: unknown, path: string, described = true): void {
  if (typeof schema !== 'object' || schema === null) {
    t.fail(`${path} has no schema`);
    return;
  }
  if (described) t.ok('description' in schema, `${path} is described`);
  checkSchema(t, schema, path);
}
