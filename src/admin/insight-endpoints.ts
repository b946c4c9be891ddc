/**
 * What the server is busy with, over HTTP.
 *
 *   GET  /top                       totals since the start; two of them give rates
 *   GET  /workers                   the workers alone
 *   GET  /slow                      why the slowest per cent of the recent calls was slow
 *   GET  /slow/{plugin}/{tool}      the same for one tool
 *   POST /workers/{seat}/profile    CPU profile of {"seconds": n}, 5 by default; seat `main` is the main thread
 *   POST /workers/{seat}/heap       heap snapshot
 *
 * A look into a thread slows it, so there is one at a time; another is answered with 409. A profile is given up when its
 * client goes away. A heap snapshot is finished all the same, in a file that is then deleted.
 */
import { createReadStream } from 'node:fs';
import type { SeatIndex } from '../core/brand.ts';
import type { Examined, Examiner } from '../insight/examiner.ts';
import type { LiveView, LiveWorker } from '../insight/live-view.ts';
import type { SlowReport } from '../insight/why-slow.ts';
import { type AdminAnswer, type AdminEndpoints, json, refusal, type StreamedAnswer } from './admin-server.ts';
import { bodyFields } from './body-fields.ts';

export interface Insight {
  readonly live: () => LiveView;
  readonly workers: () => readonly LiveWorker[];
  readonly slow: () => SlowReport;
  /** Undefined: there is no such tool. */
  readonly slowOf: (plugin: string, tool: string) => SlowReport | undefined;
  readonly examiner: Pick<Examiner, 'profile' | 'heap'>;
}

/** Seconds of a profile. */
const SECONDS = { least: 0.1, most: 60, usual: 5 } as const;

/** `load` is called for each request, and may take its time at the first. */
export function insightEndpoints(load: () => Promise<Insight>): AdminEndpoints {
  return {
    '/top': async () => json(200, (await load()).live()),
    '/workers': async () => json(200, { workers: (await load()).workers() }),
    '/slow': async () => json(200, (await load()).slow()),
    '/slow/{plugin}/{tool}': async ({ parameter }) => {
      const [plugin, tool] = [parameter('plugin'), parameter('tool')];
      const report = (await load()).slowOf(plugin, tool);
      return report === undefined
        ? refusal(404, `no tool is called ${JSON.stringify(`${plugin}/${tool}`)}`)
        : json(200, report);
    },
    '/workers/{seat}/profile': {
      async POST({ parameter, body, signal }) {
        const read = bodyFields(body, ['seconds']);
        if (read.outcome === 'wrong') return refusal(400, read.reason);
        const { seconds = SECONDS.usual } = read.fields;
        if (typeof seconds !== 'number' || !(seconds >= SECONDS.least && seconds <= SECONDS.most)) {
          return refusal(400, `seconds must be a number from ${SECONDS.least} to ${SECONDS.most}`);
        }
        const seat = parameter('seat') === 'main' ? 'main' : seatOf(parameter('seat'));
        const { examiner } = await load();
        const examined = await examiner.profile(seat, seconds * 1000, signal);
        return answerTo(examined, seat, (profile) => ({
          status: 200,
          type: 'application/json',
          body: profile,
        }));
      },
    },
    '/workers/{seat}/heap': {
      async POST({ parameter, body }) {
        const read = bodyFields(body, []);
        if (read.outcome === 'wrong') return refusal(400, read.reason);
        const seat = seatOf(parameter('seat'));
        const { examiner } = await load();
        return answerTo(await examiner.heap(seat), seat, (snapshot) => {
          const content = createReadStream(snapshot.file);
          content.once('close', () => void snapshot[Symbol.asyncDispose]());
          const headers = { 'Content-Length': String(snapshot.bytes) };
          return { status: 200, type: 'application/json', headers, body: content };
        });
      },
    },
  };
}

/** No seat has the number -1. */
function seatOf(text: string): SeatIndex {
  return (/^\d{1,3}$/.test(text) ? Number(text) : -1) as SeatIndex;
}

function answerTo<Value, Answer extends AdminAnswer | StreamedAnswer>(
  examined: Examined<Value>,
  seat: SeatIndex | 'main',
  done: (value: Value) => Answer,
): AdminAnswer | Answer {
  switch (examined.outcome) {
    case 'done':
      return done(examined.value);
    case 'no worker':
      return refusal(
        404,
        `there is no worker ${seat === -1 ? 'of that number' : seat}; there is ${examined.seats.join(', ')}`,
      );
    case 'busy':
      return refusal(409, `${examined.at} is being taken; one look at a time`);
    case 'failed':
      return refusal(500, `worker ${seat}: ${examined.reason}`);
  }
}
