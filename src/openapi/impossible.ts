/** Thrown within a conversion, and caught there: a schema that Coze's dialect has no words for. */
import type { Rule } from './finding.ts';

export class Impossible extends Error {
  override readonly name = 'Impossible';
  readonly rule: Rule;

  /** `what`: a sentence for the plugin's author. */
  constructor(rule: Rule, what: string) {
    super(what);
    this.rule = rule;
  }
}
