/** Which running server a command speaks to. */
import type { Flags } from '../config/claim.ts';
import type { Manifest } from '../config/manifest.ts';
import { unexpected } from '../config/origin.ts';
import { EXIT } from './exit-codes.ts';
import { resolveSettings } from './resolve-settings.ts';

export interface AddressFlags extends Flags {
  /** As typed. */
  readonly admin?: string;
}

/**
 * The address named by `--admin`, else the one that a server with these settings listens on. Undefined when neither
 * says: standard error and the exit code have told so then.
 */
export function adminAddress({ admin, ...flags }: AddressFlags, manifest: Manifest): URL | undefined {
  if (admin !== undefined) {
    const named = URL.parse(admin);
    if (named?.protocol === 'http:' && named.href === `${named.origin}/`) return named;
    return refuse(`flag --admin: ${unexpected('an address such as http://127.0.0.1:9090', admin)}`);
  }
  const settings = resolveSettings(flags, manifest)?.settings;
  if (settings === undefined) return undefined;
  const { adminHost, adminPort } = settings;
  if (adminPort === 0) {
    return refuse(
      'adminPort is 0, any free port; name the address the server told at its start with --admin.',
    );
  }
  const address = URL.parse(`http://${adminHost.includes(':') ? `[${adminHost}]` : adminHost}:${adminPort}`);
  if (address === null) return refuse(`adminHost is no address: ${JSON.stringify(adminHost)}`);
  // A server that listens on every address of a machine is reached on the one of the machine itself.
  if (address.hostname === '0.0.0.0') address.hostname = '127.0.0.1';
  if (address.hostname === '[::]') address.hostname = '[::1]';
  return address;
}

function refuse(sentence: string): undefined {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = EXIT.usage;
}
