/** Users' tokens of Coze, as plugins, pages and operators ask for them. */
import type { MetricSources } from './metric-sources.ts';
import type { Register } from './register.ts';

export function registerOAuth(register: Register, { tokens }: MetricSources): void {
  register.counter(
    'hotlane_oauth_answers_total',
    'Questions about the Coze grants of users, by how they were answered.',
    ['question', 'outcome'],
    () =>
      (tokens?.all() ?? []).map(({ question, outcome, count }) => [
        { question, outcome: outcome.toLowerCase() },
        count,
      ]),
  );
}
