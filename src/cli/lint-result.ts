/** What linting one plugin or file gives. */
import type { Rule } from '../openapi/finding.ts';

export interface LintFinding {
  /** Of a plugin: `tools.get.output`; of a document: `paths./get.post.summary`. */
  readonly path: string;
  /** Undefined: it cannot even be read. */
  readonly rule: Rule | undefined;
  /** All but `loss` are errors. */
  readonly severity: 'loss' | 'impossible' | 'error';
  readonly what: string;
  /** Counted from 1; only in a file. */
  readonly line?: number;
  readonly column?: number;
}

export interface Linted {
  readonly name: string;
  /** `unknown`: there is no such plugin or file. */
  readonly kind: 'plugin' | 'file' | 'unknown';
  readonly findings: readonly LintFinding[];
  /** The findings for people. */
  readonly lines: readonly string[];
}

/** Nothing could be looked at. `reason` may have several lines. */
export function unreadable(name: string, kind: Linted['kind'], reason: string): Linted {
  const [what = '', ...more] = reason.trimEnd().split('\n');
  const finding: LintFinding = { path: '', rule: undefined, severity: 'error', what };
  return { name, kind, findings: [finding], lines: [what, ...more] };
}
