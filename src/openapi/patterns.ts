/** Regular expressions as Coze runs them: RE2, which takes time in proportion to the text. */
import { RE2JS } from 're2js';

/** Whether a text has a match anywhere; undefined where RE2 refuses the pattern, such as look-around. */
export type PatternCompiler = (pattern: string) => ((text: string) => boolean) | undefined;

export const compileRe2: PatternCompiler = (pattern) => {
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matcher(text).find();
  } catch {
    return undefined;
  }
};
