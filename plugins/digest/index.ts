/**
 * Derives a digest that is meant to be expensive. Shows: work that keeps the processor busy, done
 * synchronously because the worker thread is there for it; a bound on how long one call can take; a
 * deadline of its own.
 */
import { definePlugin } from 'hotlane/plugin';
import { ALGORITHMS } from './algorithms.ts';

/** A second of work or so. Enough for a key from a password: OWASP asks for 600 000 with pbkdf2-sha256. */
const MAX_ITERATIONS = 600_000;

const ALGORITHM = {
  type: 'string',
  enum: ['pbkdf2-sha256', 'pbkdf2-sha512', 'sha256-chain', 'sha512-chain'],
  description: 'pbkdf2: key derivation of RFC 8018 with HMAC; chain: the hash of the hash, again and again.',
} as const;

export default definePlugin({
  name: 'digest',
  version: '1.0.0',
  description: 'Derives keys from texts by slow hashing.',
  tools: {
    compute: {
      summary: 'Derive a digest of a text with many iterations of a hash, as for a key from a passphrase.',
      timeoutMs: 5_000,
      input: {
        type: 'object',
        description: 'What to hash, and how.',
        properties: {
          text: { type: 'string', maxLength: 10_000, description: 'Text or passphrase.' },
          algorithm: ALGORITHM,
          salt: {
            type: 'string',
            maxLength: 1_000,
            description: 'Goes before the text (chain) or beside it; default empty.',
          },
          iterations: {
            type: 'integer',
            minimum: 1,
            maximum: MAX_ITERATIONS,
            default: 1_000,
            description: 'How often to hash; a key from a password needs several hundred thousand.',
          },
        },
        required: ['text', 'algorithm'],
        additionalProperties: false,
      },
      output: {
        type: 'object',
        description: 'The digest.',
        properties: {
          algorithm: ALGORITHM,
          iterations: {
            type: 'integer',
            minimum: 1,
            maximum: MAX_ITERATIONS,
            description: 'Iterations done.',
          },
          hex: {
            type: 'string',
            pattern: '^[0-9a-f]+$',
            minLength: 64,
            maxLength: 128,
            description: 'The digest in lower-case hex.',
          },
        },
        required: ['algorithm', 'iterations', 'hex'],
        additionalProperties: false,
      },
      // Known answers: RFC 7914 section 11 (its first 32 bytes), FIPS 180.
      examples: [
        {
          input: { text: 'passwd', algorithm: 'pbkdf2-sha256', salt: 'salt', iterations: 1 },
          output: {
            algorithm: 'pbkdf2-sha256',
            iterations: 1,
            hex: '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc',
          },
        },
        {
          input: { text: 'abc', algorithm: 'sha256-chain', iterations: 1 },
          output: {
            algorithm: 'sha256-chain',
            iterations: 1,
            hex: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
          },
        },
      ],
      execute: ({ text, algorithm, salt = '', iterations = 1_000 }) => ({
        algorithm,
        iterations,
        hex: ALGORITHMS[algorithm](text, salt, iterations),
      }),
    },
  },
});
