/** A plugin's rules as one guard: any of them admits a call. */
import type { AuthRule } from '../core/auth-rules.ts';
import type { Guard, Judgement } from '../wire/guard.ts';
import { callbackGuard } from './digest-callback.ts';
import { ADMITTED, refused } from './judgements.ts';
import { serviceTokenGuard } from './service-token.ts';
import type { SharedAuth } from './shared.ts';
import { signatureGuard } from './signature.ts';
import { standardWebhooksGuard } from './standard-webhooks.ts';

type Refusal = Extract<Judgement, { kind: 'refused' }>;
type Undecided = Extract<Judgement, { kind: 'undecided' }>;

interface Check {
  readonly type: AuthRule['type'];
  readonly guard: Guard;
}

/**
 * `rules`: at least one; `shared`: one for the whole server. Throws a RangeError without rules, since nobody could say what
 * that means.
 */
export function makeGuard(rules: readonly AuthRule[], shared: SharedAuth): Guard {
  if (rules.length === 0) throw new RangeError('A guard needs at least one rule; {type: none} admits all.');
  const checks = rules.map((rule): Check => ({ type: rule.type, guard: guardOf(rule, shared) }));
  return {
    headers: new Set(checks.flatMap(({ guard }) => [...guard.headers])),
    judge(head) {
      const refusals: Refusal[] = [];
      const open: { readonly type: AuthRule['type']; readonly decide: Undecided['decide'] }[] = [];
      for (const { type, guard } of checks) {
        const judgement = guard.judge(head);
        if (judgement.kind === 'admitted') return judgement;
        if (judgement.kind === 'refused') refusals.push(named(type, judgement));
        else open.push({ type, decide: judgement.decide });
      }
      if (open.length === 0) return together(refusals);
      return {
        kind: 'undecided',
        decide(body) {
          for (const { type, decide } of open) {
            const decision = decide(body);
            if (decision.kind === 'admitted') return decision;
            refusals.push(named(type, decision));
          }
          return together(refusals);
        },
      };
    },
  };
}

function guardOf(rule: AuthRule, shared: SharedAuth): Guard {
  switch (rule.type) {
    case 'none':
      return { headers: new Set(), judge: () => ADMITTED };
    case 'service-token':
      return serviceTokenGuard(rule);
    case 'signature':
      return signatureGuard(rule, shared);
    case 'coze-callback':
    case 'lark':
      return callbackGuard(rule, shared);
    case 'standard-webhooks':
      return standardWebhooksGuard(rule, shared);
  }
}

const named = (type: AuthRule['type'], { reason }: Refusal): Refusal => refused(`${type}: ${reason}`);

const together = (refusals: readonly Refusal[]): Refusal =>
  refused(refusals.map(({ reason }) => reason).join('; '));
