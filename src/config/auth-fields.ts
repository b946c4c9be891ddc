/** The fields of one rule of `auth`, read one by one. Nothing said about a mistake repeats what was found. */
import { readSecret, type SecretSource } from './auth-secret.ts';
import { didYouMean } from './nearest-name.ts';
import { type Complain, isRecord } from './section-fields.ts';

/** After a mistake something is read all the same, so that all mistakes come out; `isWhole` says that it is of no use. */
export class AuthFields {
  private readonly fields: Readonly<Record<string, unknown>>;
  private readonly key: string;
  private readonly source: SecretSource;
  private readonly report: Complain;
  private readonly asked = new Set<string>();
  private mistakes = 0;

  constructor(
    fields: Readonly<Record<string, unknown>>,
    key: string,
    source: SecretSource,
    complain: Complain,
  ) {
    this.fields = fields;
    this.key = key;
    this.source = source;
    this.report = complain;
  }

  /** Text of this form. `expects` completes "expected …". */
  text(name: string, form: RegExp, expects: string, defaultValue?: string): string {
    const value = this.take(name) ?? defaultValue;
    if (typeof value === 'string' && form.test(value)) return value;
    this.complain(name, `expected ${expects}`);
    return '';
  }

  /** One of these words. */
  choice<Word extends string>(name: string, words: readonly [Word, ...Word[]], defaultWord?: Word): Word {
    const value = this.take(name) ?? defaultWord;
    const word = words.find((one) => one === value);
    if (word === undefined) this.complain(name, `expected one of ${words.join(', ')}`);
    return word ?? words[0];
  }

  /** A whole number within bounds, both included. */
  integer(name: string, least: number, most: number, defaultValue: number): number {
    const value = this.take(name) ?? defaultValue;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    this.complain(name, `expected a whole number from ${least} to ${most}`);
    return defaultValue;
  }

  /** `trouble` says what is wrong with a secret, or undefined. */
  secret(name: string, trouble?: (secret: string) => string | undefined): string {
    return this.readSecret(this.take(name), name, trouble);
  }

  /** At least one. */
  secrets(name: string, trouble?: (secret: string) => string | undefined): readonly string[] {
    return this.items(name, 'secrets').map(([raw, at]) => this.readSecret(raw, at, trouble));
  }

  /** At least one object, each with fields of its own. */
  objects<Value>(name: string, read: (fields: AuthFields) => Value): readonly Value[] {
    return this.items(name, 'JSON objects').map(([raw, at]) => {
      if (!isRecord(raw)) this.complain(at, 'expected a JSON object');
      const inner = new AuthFields(isRecord(raw) ? raw : {}, `${this.key}.${at}`, this.source, this.report);
      const value = read(inner);
      if (!inner.isWhole()) this.mistakes++;
      return value;
    });
  }

  /** Call it last: true when nothing was wrong, and no field is there that nobody has asked for. */
  isWhole(): boolean {
    for (const name of Object.keys(this.fields)) {
      if (!this.asked.has(name))
        this.complain(name, `no setting has this name${didYouMean(name, this.asked)}`);
    }
    return this.mistakes === 0;
  }

  /** `at`: the key below that of the rule. */
  complain(at: string, message: string): void {
    this.mistakes++;
    this.report(`${this.key}.${at}`, message);
  }

  private take(name: string): unknown {
    this.asked.add(name);
    return Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
  }

  /** Each with its key below that of the rule. */
  private items(name: string, what: string): readonly [raw: unknown, at: string][] {
    const list = this.take(name);
    if (Array.isArray(list) && list.length > 0) {
      return list.map((raw: unknown, index) => [raw, `${name}.${index}`]);
    }
    this.complain(name, `expected an array of ${what}, at least one`);
    return [];
  }

  private readSecret(raw: unknown, at: string, trouble?: (secret: string) => string | undefined): string {
    const secret = readSecret(raw, this.source);
    const message = typeof secret === 'string' ? trouble?.(secret) : secret.trouble;
    if (message !== undefined) this.complain(at, message);
    return typeof secret === 'string' ? secret : '';
  }
}
