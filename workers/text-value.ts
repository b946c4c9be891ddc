/**
 * From the text of a query or path argument to the value its schema describes. What cannot be read as that stays a text:
 * the validator then says what was expected. Objects stand in no query: Coze imports no such argument.
 */
import type { Members } from './members.ts';

const INTEGER = /^-?(?:0|[1-9][0-9]*)$/;
/** As JSON writes them. */
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** Reads the texts of one argument; several only for an array. */
export function textReader(schema: Members): (texts: readonly string[]) => unknown {
  if (schema.type === 'array') {
    const item = typeof schema.items === 'object' && schema.items !== null ? { ...schema.items } : {};
    const { type }: { type?: unknown } = item;
    return (texts) => texts.map((text) => valueOf(text, type));
  }
  return ([text = '']) => valueOf(text, schema.type);
}

function valueOf(text: string, type: unknown): unknown {
  switch (type) {
    case 'integer':
      return exact(text, INTEGER);
    case 'number':
      return exact(text, NUMBER);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    default:
      return text;
  }
}

/** An integer that a JavaScript number would round stays a text: better refused than another one. */
function exact(text: string, form: RegExp): number | string {
  const value = Number(text);
  if (!form.test(text) || !Number.isFinite(value)) return text;
  return form === INTEGER && !Number.isSafeInteger(value) ? text : value;
}
