/** One tool as Coze can be told of it: both its schemas, and where its arguments stand. */
import type { ToolManifest } from '../wire/catalogue.ts';
import type { JsonObject } from '../wire/json-schema.ts';
import { convertSchema } from './convert-schema.ts';
import type { Finding } from './finding.ts';
import { isObject, member } from './json-kinds.ts';
import type { PatternCompiler } from './patterns.ts';

export interface ConvertedTool {
  readonly tool: ToolManifest;
  /** Undefined where a finding says `impossible`. */
  readonly schemas: { readonly input: JsonObject; readonly output: JsonObject } | undefined;
  readonly findings: readonly Finding[];
}

export function convertTool(tool: ToolManifest, compile: PatternCompiler): ConvertedTool {
  const path = `tools.${tool.name}`;
  const input = convertSchema(tool.input, { side: 'request', path: `${path}.input`, compile });
  const output = convertSchema(tool.output, { side: 'answer', path: `${path}.output`, compile });
  const findings = [
    ...input.findings,
    ...(input.schema === undefined ? [] : misplaced(tool, input.schema)),
    ...output.findings,
  ];
  const isImpossible = findings.some(({ severity }) => severity === 'impossible');
  const schemas =
    isImpossible || input.schema === undefined || output.schema === undefined
      ? undefined
      : { input: input.schema, output: output.schema };
  return { tool, schemas, findings };
}

/** Arguments that cannot stand where the tool puts them. */
function misplaced({ name, native }: ToolManifest, input: JsonObject): readonly Finding[] {
  const properties = isObject(input.properties) ? input.properties : {};
  const typeOf = (argument: string): string => {
    const schema = member(properties, argument);
    if (!isObject(schema)) return 'nothing';
    return schema.type === 'array' && isObject(schema.items)
      ? `array of ${schema.items.type}`
      : String(schema.type);
  };
  const finding = (argument: string, place: string): Finding => ({
    path: `tools.${name}.input.properties.${argument}`,
    rule: 4,
    severity: 'impossible',
    what: `is ${typeOf(argument)}, which cannot stand in the ${place}; put it into the body of a POST`,
  });
  return [
    ...native.pathArguments.filter((one) => !SCALAR.test(typeOf(one))).map((one) => finding(one, 'path')),
    ...native.queryArguments.filter((one) => !IN_QUERY.test(typeOf(one))).map((one) => finding(one, 'query')),
  ];
}

const SCALAR = /^(?:string|integer|number|boolean)$/;
const IN_QUERY = /^(?:array of )?(?:string|integer|number|boolean)$/;
