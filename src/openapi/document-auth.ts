/** What a document can say of a plugin's rules: of several ways to authenticate it names the one Coze has, the service token. */
import type { AuthRule } from '../core/auth-rules.ts';
import type { DocumentAuth } from './security.ts';

/** The first service token; a plugin without one is imported without authentication, and says so to nobody. */
export function documentAuth(rules: readonly AuthRule[]): DocumentAuth {
  const rule = rules.find(({ type }) => type === 'service-token');
  if (rule?.type !== 'service-token') return { kind: 'none' };
  return { kind: 'service-token', in: rule.place === 'query' ? 'query' : 'header', name: rule.name };
}
