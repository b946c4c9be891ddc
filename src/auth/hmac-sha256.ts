/**
 * HMAC-SHA256 (RFC 2104) with a key that is used often: SHA-256 of one block made of the key and of the message, and again of
 * another such block and that digest. The blocks are made once. Node's own Hmac makes an object for every message, which
 * takes twice as long for short ones.
 */
import { hash } from 'node:crypto';
import { digest } from './digest.ts';

/** Of SHA-256, in bytes. */
const BLOCK = 64;
const DIGEST = 32;
/** For a request's head and some body; longer messages get memory of their own. */
const ROOM = 16 * 1024;
const NOTHING = new Uint8Array(0);

export class HmacSha256 {
  /** A block and room for a message. */
  private readonly inner = Buffer.alloc(BLOCK + ROOM);
  /** A block and a digest. */
  private readonly outer = Buffer.alloc(BLOCK + DIGEST);

  constructor(secret: Uint8Array) {
    const key = secret.byteLength > BLOCK ? digest('sha256', secret) : secret;
    for (let index = 0; index < BLOCK; index++) {
      const byte = key[index] ?? 0;
      this.inner[index] = byte ^ 0x36;
      this.outer[index] = byte ^ 0x5c;
    }
  }

  /** Of `text`, which is ASCII, and `body` behind it. */
  digest(text: string, body: Uint8Array = NOTHING): Buffer {
    const length = BLOCK + text.length + body.byteLength;
    const message = length <= this.inner.byteLength ? this.inner : this.larger(length);
    message.write(text, BLOCK, 'latin1');
    message.set(body, BLOCK + text.length);
    this.outer.write(hash('sha256', message.subarray(0, length), 'binary'), BLOCK, 'latin1');
    return digest('sha256', this.outer);
  }

  private larger(length: number): Buffer {
    const message = Buffer.allocUnsafe(length);
    this.inner.copy(message, 0, 0, BLOCK);
    return message;
  }
}
