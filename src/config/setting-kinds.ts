/** The kinds of values: how each is read from text and from JSON, and what is said when one does not fit. */
import { resolve } from 'node:path';
import type { Files } from './files.ts';

/** A value as it was found. */
export interface RawValue {
  /** `text` comes from flags and environment, `json` from the file. */
  readonly form: 'text' | 'json';
  readonly raw: unknown;
  /** Folder that relative paths start from. */
  readonly base: string;
}

export interface Kind<Value> {
  /** Completes "expected …". */
  readonly expects: string;
  /** The values allowed, in short; undefined where the placeholder says it all. */
  readonly range: string | undefined;
  /** Stands for the value in help, as in `--port <n>`; undefined for a switch, which needs no value. */
  readonly placeholder: string | undefined;
  /** A secret has no flag (other users could list it), may be kept in a file of its own, and is never shown. */
  readonly secret: boolean;
  /** The value, or undefined when what was found is not what is expected. */
  read(found: RawValue): Value | undefined;
  /** What is wrong with the place a path leads to, or undefined. */
  verify?(path: Value, files: Files): string | undefined;
}

/** A whole number within bounds, both included. */
export function integer(min: number, max: number): Kind<number> {
  return {
    expects: `a whole number from ${min} to ${max}`,
    range: `${min} to ${max}`,
    placeholder: 'n',
    secret: false,
    read({ form, raw }) {
      const value = form === 'text' && /^\d{1,15}$/.test(String(raw)) ? Number(raw) : raw;
      return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
        ? value
        : undefined;
    },
  };
}

const switchWords = new Map<unknown, boolean>([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** On or off. */
export function toggle(): Kind<boolean> {
  return {
    expects: 'true or false',
    range: undefined,
    placeholder: undefined,
    secret: false,
    read: ({ form, raw }) =>
      typeof raw === 'boolean' ? raw : form === 'text' ? switchWords.get(raw) : undefined,
  };
}

/** One word out of a few. */
export function choice<Word extends string>(words: readonly Word[]): Kind<Word> {
  return {
    expects: `one of ${words.join(', ')}`,
    range: words.join(', '),
    placeholder: 'word',
    secret: false,
    read: ({ raw }) => words.find((word) => word === raw),
  };
}

/** Text of at least one character that matches `pattern`. */
export function text(
  placeholder: string,
  pattern = /./s,
  expects = 'text of at least one character',
): Kind<string> {
  return {
    expects,
    range: undefined,
    placeholder,
    secret: false,
    read: ({ raw }) => (typeof raw === 'string' && pattern.test(raw) ? raw : undefined),
  };
}

/** Text that is never shown. */
export function secret(): Kind<string> {
  return { ...text('secret'), secret: true };
}

/** A file that can be read; its absolute path. */
export function file(): Kind<string> {
  return {
    ...path('file'),
    verify(place, files) {
      const content = files.read(place);
      if (content.outcome === 'missing') return `there is no file at ${place}`;
      return content.outcome === 'unreadable' ? `${place} cannot be read: ${content.reason}` : undefined;
    },
  };
}

/** A folder that exists; its absolute path. */
export function folder(): Kind<string> {
  return {
    ...path('folder'),
    verify: (place, files) => (files.isFolder(place) ? undefined : `there is no folder at ${place}`),
  };
}

/** A folder that need not exist yet; its absolute path. */
export function newFolder(): Kind<string> {
  return path('folder');
}

function path(placeholder: 'file' | 'folder'): Kind<string> {
  return {
    expects: `the path of a ${placeholder}`,
    range: undefined,
    placeholder,
    secret: false,
    read: ({ raw, base }) => (typeof raw === 'string' && raw !== '' ? resolve(base, raw) : undefined),
  };
}
