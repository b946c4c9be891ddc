/** Draws scripts. */
import type { Dice } from '../dice.ts';
import { damaged } from './damaged.ts';
import { refused } from './refused.ts';
import type { Expectation, Script, Turn } from './script.ts';
import { type WellFormed, wellFormed } from './well-formed.ts';

/** What a script is without its id. */
type Plot = Omit<Script, 'id'>;

export function makeScript(dice: Dice): Script {
  const id = Array.from({ length: 12 }, () => dice.below(36).toString(36)).join('');
  return { id, ...makePlot(dice, id) };
}

function makePlot(dice: Dice, id: string): Plot {
  let requests = 0;
  const next = (): WellFormed => wellFormed(dice, `${id}-${requests++}-`);
  const kind = dice.below(100);
  if (kind < 45) return conversation(dice, next);
  if (kind < 57) return ending('wait', [...someTurns(dice, next), refusedTurn(dice)]);
  if (kind < 67) return cutShort(dice, next);
  if (kind < 77) return sentAhead(dice, next);
  return {
    turns: [turn(dice, damaged(dice, next), { kind: 'legal' })],
    ending: dice.pick(['wait', 'wait', 'half-close', 'reset']),
  };
}

const ending = (how: Script['ending'], turns: readonly Turn[]): Plot => ({ turns, ending: how });

/** One request after the other, each with its answer. */
function conversation(dice: Dice, next: () => WellFormed): Plot {
  const turns = Array.from({ length: dice.pick([1, 1, 2, 4, 12]) }, () => answered(dice, next()));
  const last = turns.findIndex(({ expects }) => expects.kind === 'answers' && expects.closes);
  return ending('wait', last === -1 ? turns : turns.slice(0, last + 1));
}

function someTurns(dice: Dice, next: () => WellFormed): Turn[] {
  const turns = Array.from({ length: dice.below(3) }, () => answered(dice, next()));
  return turns.filter(({ expects }) => expects.kind === 'answers' && !expects.closes);
}

function answered(dice: Dice, { bytes, answer, closes }: WellFormed): Turn {
  return turn(dice, bytes, { kind: 'answers', answers: [answer], closes });
}

function refusedTurn(dice: Dice): Turn {
  const { bytes, expects } = refused(dice);
  const cut = turn(dice, bytes, expects);
  if (cut.cuts.length === 0 || expects.kind !== 'refusal') return cut;
  return { ...cut, expects: { ...expects, silently: true } };
}

/** A request that does not get to its end, or a client that does not wait for the answer. */
function cutShort(dice: Dice, next: () => WellFormed): Plot {
  const { bytes, answer } = next();
  const isWhole = dice.chance(0.2);
  const sent = isWhole ? bytes : bytes.slice(0, dice.between(0, bytes.length - 1));
  const how = dice.pick(['half-close', 'reset'] as const);
  return ending(how, [...someTurns(dice, next), turn(dice, sent, { kind: 'some', answers: [answer] })]);
}

/**
 * Requests sent ahead of the answers. What is answered at once is answered in order; a call is not, and the
 * library ends a connection on which another request follows an unanswered one.
 */
function sentAhead(dice: Dice, next: () => WellFormed): Plot {
  const all = Array.from({ length: dice.between(2, 6) }, next);
  const closing = all.findIndex(({ closes }) => closes);
  const requests = closing === -1 ? all : all.slice(0, closing + 1);
  const waiting = requests.findIndex(({ isEarly }) => !isEarly);
  const isAnswered = waiting === -1 || waiting === requests.length - 1;
  const answers = requests.map(({ answer }) => answer);
  const expects: Expectation = isAnswered
    ? { kind: 'answers', answers, closes: closing !== -1 }
    : { kind: 'some', answers };
  return ending('wait', [turn(dice, requests.map(({ bytes }) => bytes).join(''), expects)]);
}

/** Cuts the bytes into pieces: not at all, anywhere, or, where they are few, behind each. */
function turn(dice: Dice, bytes: string, expects: Expectation): Turn {
  const count = bytes.length < 2 ? 0 : dice.pick([0, 0, 1, 1, 3, 10, bytes.length < 600 ? bytes.length : 2]);
  const places =
    count === bytes.length
      ? Array.from({ length: count - 1 }, (_, index) => index + 1)
      : Array.from({ length: count }, () => dice.between(1, bytes.length - 1));
  const cuts = [...new Set(places)].toSorted((one, other) => one - other);
  return { bytes, cuts, pauseMs: cuts.length > 12 ? 0 : dice.pick([0, 0, 0, 1, 5]), expects };
}
