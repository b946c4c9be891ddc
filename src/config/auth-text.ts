/** A rule in words, without its secrets. */
import type { AuthRule } from '../core/auth-rules.ts';

/** Stands for a secret. */
const HIDDEN = '***';

export function describeRule(rule: AuthRule): string {
  switch (rule.type) {
    case 'service-token': {
      const place = rule.place === 'both' ? 'header or query' : rule.place;
      return `service-token: ${place} ${rule.name}, ${hidden(rule.tokens)}`;
    }
    case 'signature': {
      const keys = rule.keys.map(({ id, algorithm }) => `${id} (${algorithm})`).join(', ');
      return `signature: keys ${keys}, within ${rule.toleranceS} s`;
    }
    case 'coze-callback':
    case 'lark':
      return `${rule.type}: ${HIDDEN}`;
    case 'standard-webhooks':
      return `standard-webhooks: ${hidden(rule.secrets)}`;
    case 'none':
      return 'none: every call is admitted';
  }
}

const hidden = (secrets: readonly string[]): string => secrets.map(() => HIDDEN).join(', ');
