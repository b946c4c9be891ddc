/** The shapes of what the insight endpoints answer, and of the profiles that come from there. */
import type { CpuProfile, ProfileNode } from '../insight/hottest.ts';
import type { LiveTool, LiveView, LiveWorker } from '../insight/live-view.ts';
import type { SlowGroup, SlowReport } from '../insight/why-slow.ts';
import { list, number, object, optional, record, type Shape, text, truth, word } from './shape.ts';

const histogram = object<LiveTool['durations']>({ counts: list(number), sum: number });

const worker = object<LiveWorker>({
  seat: number,
  state: word('standby', 'starting', 'serving', 'draining', 'terminating'),
  turns: number,
  busySeconds: number,
  gcSeconds: number,
  heapMb: optional(number),
  externalMb: optional(number),
  endingForMs: optional(number),
  running: list(object<LiveWorker['running'][number]>({ tool: text, calls: number })),
});

const tool = object<LiveTool>({
  plugin: text,
  tool: text,
  outcomes: record(number),
  durations: histogram,
  waits: histogram,
  circuit: optional(
    object<NonNullable<LiveTool['circuit']>>({
      state: word('closed', 'open', 'half-open'),
      retryInMs: number,
    }),
  ),
});

/** The answer to `GET /top`. */
export const isLiveView: Shape<LiveView> = object<LiveView>({
  time: number,
  uptimeSeconds: number,
  queueDepth: number,
  inFlight: number,
  lingering: number,
  process: object<LiveView['process']>({ rssMb: number, cpuSeconds: number }),
  bounds: list(number),
  workers: list(worker),
  tools: list(tool),
});

const phase = word('read', 'queue', 'parse', 'validate', 'run', 'encode', 'send');

type Cause<Kind extends SlowGroup['cause']['kind']> = Extract<SlowGroup['cause'], { readonly kind: Kind }>;

const causes: { readonly [Kind in SlowGroup['cause']['kind']]: Shape<Cause<Kind>> } = {
  nothing: object<Cause<'nothing'>>({ kind: word('nothing') }),
  phase: object<Cause<'phase'>>({ kind: word('phase'), phase }),
  pause: object<Cause<'pause'>>({
    kind: word('pause'),
    phase,
    pause: word('gc-young', 'gc-full', 'stall'),
    thread: word('worker', 'main'),
    by: optional(text),
  }),
};

const isCause: Shape<SlowGroup['cause']> = (value): value is SlowGroup['cause'] =>
  Object.values(causes).some((shape) => shape(value));

/** The answer to `GET /slow`. */
export const isSlowReport: Shape<SlowReport> = object<SlowReport>({
  isMeasured: truth,
  seen: number,
  slow: number,
  fromMs: optional(number),
  toMs: optional(number),
  groups: list(
    object<SlowGroup>({
      tool: text,
      cause: isCause,
      calls: number,
      ofCalls: number,
      phase,
      phaseMs: number,
      usualMs: optional(number),
      totalMs: number,
      requestId: text,
      advice: text,
      settings: list(text),
    }),
  ),
});

/** A .cpuprofile as Chrome's DevTools open it. */
export const isCpuProfile: Shape<CpuProfile> = object<CpuProfile>({
  nodes: list(
    object<ProfileNode>({
      id: number,
      callFrame: object<ProfileNode['callFrame']>({ functionName: text, url: text, lineNumber: number }),
    }),
  ),
  startTime: number,
  endTime: number,
  samples: list(number),
  timeDeltas: list(number),
});
