import { hash, pbkdf2Sync } from 'node:crypto';

/** Bytes of the result: as many as the hash has. */
const LENGTHS = { sha256: 32, sha512: 64 } as const;
type Hash = keyof typeof LENGTHS;

/** PBKDF2 (RFC 8018) with HMAC; one native call, which nothing can interrupt. */
function pbkdf2(name: Hash) {
  return (text: string, salt: string, iterations: number): string =>
    pbkdf2Sync(text, salt, iterations, LENGTHS[name], name).toString('hex');
}

/** The hash of salt and text in UTF-8, then `iterations - 1` times the hash of the hash before. */
function chain(name: Hash) {
  return (text: string, salt: string, iterations: number): string => {
    let digest = hash(name, salt + text, 'buffer');
    for (let done = 1; done < iterations; done++) digest = hash(name, digest, 'buffer');
    return digest.toString('hex');
  };
}

/** Each takes text, salt and iterations (at least 1), blocks its thread, and gives lower-case hex. */
export const ALGORITHMS = {
  'pbkdf2-sha256': pbkdf2('sha256'),
  'pbkdf2-sha512': pbkdf2('sha512'),
  'sha256-chain': chain('sha256'),
  'sha512-chain': chain('sha512'),
} as const;
