/**
 * Key and certificate for the library, tried out before: its own refusal does not say what is wrong, and for
 * a missing passphrase it asks at the terminal.
 */
import type { AppOptions } from 'uWebSockets.js';
import { readFileSync } from 'node:fs';

/** Paths of PEM files. */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
  readonly passphrase: string | undefined;
}

/** Throws with the reason when the files cannot be used. */
export function tlsOptions({ key, cert, passphrase }: TlsFiles): AppOptions {
  // Loaded here, because a server without TLS starts sooner without it.
  const { createSecureContext } = process.getBuiltinModule('node:tls');
  const secret = passphrase === undefined ? {} : { passphrase };
  try {
    createSecureContext({ key: readFileSync(key), cert: readFileSync(cert), ...secret });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the TLS key ${key} with the certificate ${cert} cannot be used: ${reason}`, {
      cause: error,
    });
  }
  return { key_file_name: key, cert_file_name: cert, ...secret };
}
