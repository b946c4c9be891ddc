/** What was asked of the token thread, by how it was answered. */
import type { Answer, Question } from './messages.ts';

export interface AnswerCount {
  readonly question: Question['kind'];
  /** The answer's kind, or the code of one that says no. */
  readonly outcome: string;
  readonly count: number;
}

export class AnswerCounts {
  private readonly counts = new Map<Question['kind'], Map<string, number>>();

  count(question: Question['kind'], answer: Answer): void {
    const outcome = 'code' in answer ? answer.code : answer.kind;
    const ofKind = this.counts.get(question) ?? new Map<string, number>();
    ofKind.set(outcome, (ofKind.get(outcome) ?? 0) + 1);
    this.counts.set(question, ofKind);
  }

  /** So far. */
  all(): readonly AnswerCount[] {
    return [...this.counts].flatMap(([question, ofKind]) =>
      [...ofKind].map(([outcome, count]): AnswerCount => ({ question, outcome, count })),
    );
  }
}
