/**
 * Does a number keep growing with the calls that are served? Said only when it has grown steadily over several
 * readings and many calls: caches that fill and code that warms up grow too, but come to an end.
 */
export interface GrowthRules {
  /** Readings looked at. */
  readonly readings: number;
  /** Calls they must span at least. */
  readonly calls: number;
  /** Least growth per thousand calls that is told. */
  readonly perThousand: number;
}

export class Growth {
  private readonly rules: GrowthRules;
  private readonly readings: { readonly calls: number; readonly value: number }[] = [];

  constructor(rules: GrowthRules) {
    this.rules = rules;
  }

  /** `calls`: served so far. The growth per thousand calls; undefined: it does not grow steadily. */
  add(calls: number, value: number): number | undefined {
    this.readings.push({ calls, value });
    if (this.readings.length > this.rules.readings) this.readings.shift();
    const [first] = this.readings;
    if (first === undefined || this.readings.length < this.rules.readings) return undefined;
    const span = calls - first.calls;
    if (span < this.rules.calls || !this.isSteady()) return undefined;
    const perThousand = ((value - first.value) / span) * 1000;
    return perThousand >= this.rules.perThousand ? perThousand : undefined;
  }

  /** Starts anew. */
  forget(): void {
    this.readings.length = 0;
  }

  private isSteady(): boolean {
    return this.readings.every(({ value }, at) => value > (this.readings[at - 1]?.value ?? -Infinity));
  }
}
