/**
 * What operators see of users' consent to Coze, over HTTP. Nothing here shows a token.
 *
 *   GET  /grants/{user}          whether there is a grant, and how long its access lasts
 *   POST /grants/{user}/forget   delete it here; the user is asked again when a plugin needs it
 */
import type { Forgotten, GrantStatus } from '../oauth/token-service.ts';
import { type AdminAnswer, type AdminEndpoints, json, refusal } from './admin-server.ts';

/** Grants by user. */
export interface Grants {
  status(user: string): Promise<GrantStatus>;
  forget(user: string): Promise<Forgotten>;
}

/** As ids are kept: what is longer or empty is nobody's. */
const LONGEST_USER = 256;

/** `grants`: undefined where the server has no OAuth settings. */
export function grantEndpoints(grants: Grants | undefined): AdminEndpoints {
  const onUser =
    (ask: (grants: Grants, user: string) => Promise<GrantStatus | Forgotten>) =>
    async ({ parameter }: { parameter(name: string): string }): Promise<AdminAnswer> => {
      const user = parameter('user');
      if (grants === undefined)
        return refusal(409, 'the server has no OAuth settings: cozeClientId and cozeTokenKeys are not set');
      if (user === '' || user.length > LONGEST_USER) return refusal(400, 'a user id has 1 to 256 characters');
      const answer = await ask(grants, user);
      return json(answer.kind === 'unavailable' ? 503 : 200, answer);
    };
  return {
    '/grants/{user}': onUser((all, user) => all.status(user)),
    '/grants/{user}/forget': { POST: onUser((all, user) => all.forget(user)) },
  };
}
