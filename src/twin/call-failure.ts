/** Why a call has no answer that the model could read: the node of a workflow fails, the agent sees an error. */

export type FailureCode =
  /** The arguments do not fit the declaration; nothing was sent. */
  | 'REFUSED_ARGUMENTS'
  /** No connection, or it broke off. */
  | 'UNREACHABLE'
  | 'TIMEOUT'
  /** Anything but 200. */
  | 'STATUS'
  | 'NOT_AN_OBJECT'
  /** A packet of a stream, or its end, is against the rules. */
  | 'BAD_STREAM';

/** Thrown inside the twin and caught where a call begins. The message is what Coze puts into the error text. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly code: FailureCode;
  /** Of the answer, where there was one. */
  readonly status: number | undefined;

  constructor(code: FailureCode, message: string, status?: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
