/** What the rows of one table say about the setting. */
import { numberText } from '../report/number-text.ts';

/** Medians of one row. */
export interface TunedRow {
  readonly title: string;
  readonly p99Ms: number;
  readonly residentMB: number;
  /** How late the sender was by its own fault: 99 of 100 calls were not later than this. */
  readonly behindP99Ms: number;
}

/** Two P99 this close are the same; so are two resident sets. */
const [sameLatency, sameMemory] = [1.15, 1.1];
/** From here on the row is worth a warning. */
const worse = 1.5;
/** A sender that was late by a larger share of the P99 has partly measured itself. */
const ownShare = 0.25;

/**
 * A line for each row about which the figures say something; the rows are in ascending order of the setting. The one to
 * take is the first whose P99 is as good as the best.
 */
export function adviceFor(rows: readonly TunedRow[]): readonly string[] {
  const best = Math.min(...rows.map(({ p99Ms }) => p99Ms));
  const taken = rows.find(({ p99Ms }) => p99Ms <= best * sameLatency);
  if (taken === undefined || rows.length < 2) return [];
  if (rows.some(({ behindP99Ms }) => behindP99Ms > best * ownShare)) {
    return ['no advice: the sender was late too often (a busy machine)'];
  }
  return rows.flatMap(({ title, p99Ms, residentMB }) => {
    const line = (text: string) => [`${title}: ${text}`];
    if (title === taken.title) return line('the smallest value whose P99 is as good as the best');
    if (p99Ms >= best * worse) return line(`P99 ${numberText(p99Ms / best)} times the best: avoid it`);
    if (p99Ms <= best * sameLatency && residentMB > taken.residentMB * sameMemory) {
      return line(`${numberText(residentMB - taken.residentMB)} MB more than ${taken.title}, no better P99`);
    }
    return [];
  });
}
