/** `hotlane grant` and `hotlane forget`: a user's consent to Coze, as a running server keeps it. */
import type { Manifest } from '../config/manifest.ts';
import type { Forgotten, GrantStatus } from '../oauth/token-service.ts';
import { adminAddress } from './admin-address.ts';
import { ask, type Question } from './admin-client.ts';
import { EXIT } from './exit-codes.ts';
import { isForgotten, isGrantStatus } from './grant-shapes.ts';
import { readReply } from './read-reply.ts';
import type { Shape } from './shape.ts';
import type { ShowFlags } from './show-plugins.ts';
import { ageText } from './time-text.ts';

type Said = GrantStatus | Forgotten;

export function showGrant(user: string, flags: ShowFlags, manifest: Manifest): Promise<void> {
  return tell({ method: 'GET', path: pathOf(user) }, isGrantStatus, user, flags, manifest);
}

export function forgetGrant(user: string, flags: ShowFlags, manifest: Manifest): Promise<void> {
  return tell({ method: 'POST', path: `${pathOf(user)}/forget` }, isForgotten, user, flags, manifest);
}

const pathOf = (user: string): string => `/grants/${encodeURIComponent(user)}`;

async function tell<Answer extends Said>(
  question: Question,
  fits: Shape<Answer>,
  user: string,
  { json, ...flags }: ShowFlags,
  manifest: Manifest,
): Promise<void> {
  const server = adminAddress(flags, manifest);
  if (server === undefined) return;
  const answer = readReply(await ask(server, question), server, fits);
  if (answer === undefined) return;
  const { value, text } = answer;
  const isThere = value.kind !== 'unavailable';
  if (!isThere) process.exitCode = EXIT.failed;
  if (json) process.stdout.write(text);
  else (isThere ? process.stdout : process.stderr).write(`${sentence(user, value, Date.now())}\n`);
}

function sentence(user: string, said: Said, now: number): string {
  switch (said.kind) {
    case 'granted': {
      const left = said.accessExpiresAt - now;
      const access = left > 0 ? 'its access token is good' : 'its access token is renewed when it is needed';
      return `User ${user} has consented; the grant was renewed ${ageText(new Date(said.refreshedAt).toISOString(), now)} ago, ${access}.`;
    }
    case 'consent-required':
      return said.why === 'never'
        ? `User ${user} has no grant here.`
        : `The grant of user ${user} has ended; the user is asked again when a plugin needs it.`;
    case 'forgotten':
      return said.existed
        ? `The grant of user ${user} is forgotten; the user is asked again when a plugin needs it.`
        : `User ${user} had no grant here.`;
    case 'unavailable':
      return `Nothing can be said of user ${user}: ${said.reason}`;
  }
}
