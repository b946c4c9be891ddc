/** JSON as YAML text, for files that people read. */
import { stringify } from 'yaml';
import type { JsonObject } from '../wire/json-schema.ts';

/** Without anchors and folded lines: not every reader takes them. */
export function yamlText(value: JsonObject): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
