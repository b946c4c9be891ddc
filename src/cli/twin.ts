/** `hotlane twin`: runs a stand-in for Coze until it is stopped. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTwin, TOKEN_PATH, type Trouble, type Twin } from '../twin/twin.ts';
import { reasonOf } from './admin-client.ts';
import { EXIT } from './exit-codes.ts';
import { onOneLine } from './plain-text.ts';

export interface TwinFlags {
  readonly port: number;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly pkce?: true;
  readonly server: string;
  readonly user: string;
  readonly consent: 'ask' | 'allow' | 'deny';
  readonly accessSeconds: number;
  readonly refreshSeconds: number;
  readonly trouble?: 'slow' | 'error' | 'html' | 'lost';
}

/** Longer than anybody should wait for a token. */
const SLOW_MS = 15_000;
const TROUBLED = [TOKEN_PATH, '/v1/users/me', '/v3/chat'];

export async function runTwin({ pkce, clientSecret, server, trouble, ...flags }: TwinFlags): Promise<void> {
  const secret = pkce ? undefined : clientSecret;
  let twin: Twin;
  try {
    twin = await startTwin({
      ...flags,
      clientSecret: secret,
      onAnswer: ({ method, path }, status) => tell(`${method} ${onOneLine(path)} ${status || 'no answer'}`),
    });
  } catch (error) {
    tell(`The twin cannot listen on port ${flags.port}: ${reasonOf(error)}. Name another one with --port.`);
    process.exitCode = EXIT.failed;
    return;
  }
  if (trouble !== undefined) for (const path of TROUBLED) twin.disturb(path, troubleOf(trouble));
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  process.stdout.write(
    variables(twin, server, secret)
      .map((line) => `${line}\n`)
      .join(''),
  );
  tell(`Coze’s twin answers at ${twin.url}. Start a hotlane with these variables; end the twin with Ctrl-C.`);
  await stopped;
  await twin.close();
}

/**
 * With a state of its own: what one twin has granted is nothing to the next one, and grants of the real Coze stay out of it.
 */
function variables({ url, clientId }: Twin, server: string, secret: string | undefined): string[] {
  return [
    `HOTLANE_PUBLIC_URL=${server}`,
    `HOTLANE_STATE_DIR=${join(tmpdir(), `hotlane-twin-${randomBytes(6).toString('hex')}`)}`,
    `HOTLANE_COZE_WEB_URL=${url}`,
    `HOTLANE_COZE_API_URL=${url}`,
    `HOTLANE_COZE_CLIENT_ID=${clientId}`,
    ...(secret === undefined ? [] : [`HOTLANE_COZE_CLIENT_SECRET=${secret}`]),
    `HOTLANE_COZE_TOKEN_KEYS=twin:${randomBytes(32).toString('base64')}`,
  ];
}

function troubleOf(kind: NonNullable<TwinFlags['trouble']>): Trouble {
  switch (kind) {
    case 'slow':
      return { kind, ms: SLOW_MS };
    case 'error':
      return { kind, status: 503 };
    case 'html':
    case 'lost':
      return { kind };
  }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
