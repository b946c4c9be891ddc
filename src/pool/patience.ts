/** Waiting that ends: a thread in native code does not answer, and one that dies never will. */
import type { Worker } from 'node:worker_threads';

/** What is asked of a worker did not come; the message is a sentence for people. */
export class Unanswered extends Error {}

/** How long a thread may take to react, in ms: it does so between two JavaScript instructions, if it runs any. */
const REACTION = 5000;

/** `answer`, unless the worker ends before. */
export function whileAlive<Value>(worker: Worker, answer: Promise<Value>): Promise<Value> {
  const gone = Promise.withResolvers<never>();
  const leave = (): void => gone.reject(new Unanswered('its thread ended meanwhile'));
  worker.once('exit', leave);
  return Promise.race([answer, gone.promise]).finally(() => worker.off('exit', leave));
}

/** The same for what a thread answers at once. An answer that comes too late goes to `tooLate`. */
export async function promptly<Value>(
  worker: Worker,
  answer: Promise<Value>,
  tooLate: (value: Value) => void = () => undefined,
): Promise<Value> {
  const sentence = `its thread has not reacted for ${REACTION / 1000} s: it is inside native code`;
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Unanswered(sentence)), REACTION);
  try {
    return await whileAlive(worker, Promise.race([answer, limit.promise]));
  } catch (error) {
    answer.then(tooLate, () => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
