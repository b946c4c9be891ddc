/** What a front must know of a tool to take its calls. */
export interface ToolRules {
  readonly plugin: string;
  readonly tool: string;
  /** A call whose worker died may run once more. */
  readonly idempotent: boolean;
  /** Has a circuit breaker. */
  readonly breaker: boolean;
  /** Calls of the whole plugin that may be with the workers at once; undefined: by fair share only. */
  readonly maxInFlight: number | undefined;
  /** Calls of the whole plugin that may wait before that; undefined: by fair share only. */
  readonly maxWaiting: number | undefined;
}

/** Of a tool nobody has described. */
export const NO_RULES: ToolRules = {
  plugin: '',
  tool: '',
  idempotent: false,
  breaker: false,
  maxInFlight: undefined,
  maxWaiting: undefined,
};
