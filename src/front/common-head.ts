/**
 * The headers every answer carries, as the bytes of one value for the library. Kept ready for each version of a plugin,
 * because making a text of them and copying that costs an empty call two per cent; only the request's id is new.
 */

/** Longest request id in bytes: see wire/request-id.ts. A made one is shorter. */
const LONGEST_ID = 128;
/** Versions kept ready; more are rare, and cost no more than the first time. */
const KEPT = 256;
const RADIX = 36;
const DIGITS = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz', 'latin1');

/** One beginning, and room for what comes behind it. */
class Head {
  private readonly bytes: Uint8Array;
  private readonly start: number;
  /** By length: `bytes` up to there. */
  private readonly views: (Uint8Array | undefined)[] = [];

  constructor(beginning: string) {
    this.start = beginning.length;
    this.bytes = new Uint8Array(beginning.length + LONGEST_ID);
    this.bytes.set(Buffer.from(beginning, 'latin1'));
  }

  with(text: string): Uint8Array {
    const { bytes, start } = this;
    for (let index = 0; index < text.length; index++) bytes[start + index] = text.charCodeAt(index);
    return this.upTo(start + text.length);
  }

  /** `number` as `toString(36)` writes it. */
  withNumber(number: number): Uint8Array {
    const { bytes, start } = this;
    let end = start + 1;
    for (let limit = RADIX; limit <= number; limit *= RADIX) end++;
    let rest = number;
    for (let at = end - 1; at >= start; at--) {
      const next = Math.floor(rest / RADIX);
      bytes[at] = DIGITS[rest - next * RADIX] ?? 0;
      rest = next;
    }
    return this.upTo(end);
  }

  private upTo(end: number): Uint8Array {
    const known = this.views[end];
    if (known !== undefined) return known;
    const view = this.bytes.subarray(0, end);
    this.views[end] = view;
    return view;
  }
}

/** The same bytes serve the next answer: send them at once. */
export class CommonHeads {
  private readonly idPrefix: string;
  private readonly given = new Map<string | undefined, Head>();
  private readonly made = new Map<string | undefined, Head>();

  /** `idPrefix`: what made request ids begin with. */
  constructor(idPrefix: string) {
    this.idPrefix = idPrefix;
  }

  /**
   * `version`: for X-Plugin-Version. Visible ASCII like `requestId`, which has been checked to be no more than 128
   * characters of it: nothing of a request may get between the lines of a head unchecked.
   */
  of(version: string | undefined, requestId: string): Uint8Array {
    return headOf(this.given, version, '').with(requestId);
  }

  /** The request id is made of its `sequence`, see `madeId`. */
  ofMade(version: string | undefined, sequence: number): Uint8Array {
    return headOf(this.made, version, this.idPrefix).withNumber(sequence);
  }
}

/**
 * The line breaks are inside the value: the library copies values as they are, and a call into it costs as much as a
 * header.
 */
function headOf(heads: Map<string | undefined, Head>, version: string | undefined, idPrefix: string): Head {
  const known = heads.get(version);
  if (known !== undefined) return known;
  const name = version === undefined ? '' : `X-Plugin-Version: ${version}\r\n`;
  const head = new Head(
    `application/json\r\nAccess-Control-Allow-Origin: *\r\n${name}X-Request-Id: ${idPrefix}`,
  );
  if (heads.size === KEPT) heads.clear();
  heads.set(version, head);
  return head;
}
