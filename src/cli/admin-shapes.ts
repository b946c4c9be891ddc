/**
 * Tells whether what a server answered is what was asked for: at its address may be an older server or something
 * else altogether. The compiler holds each shape to its type.
 */
import type {
  ActionReport,
  BrokenCircuit,
  PluginChange,
  PluginView,
  Problem,
  RejectedVersion,
  VersionView,
} from '../reload/control.ts';
import { list, number, object, optional, type Shape, text, truth, word } from './shape.ts';

const problemFields = {
  step: text,
  reason: text,
  file: optional(text),
  line: optional(number),
  column: optional(number),
  frame: optional(text),
};

const rejected = object<RejectedVersion>({
  hash: text,
  since: text,
  problem: object<Problem>(problemFields),
});

const circuit = object<BrokenCircuit>({ tool: text, state: word('open', 'half-open'), retryInMs: number });

const plugin = object<PluginView>({
  name: text,
  state: word('REGISTERED', 'LOADING', 'ACTIVE', 'INACTIVE', 'UNLOADING', 'UNLOADED', 'FAILED'),
  version: optional(text),
  hash: optional(text),
  since: text,
  calls: number,
  errors: number,
  tools: list(text),
  circuits: list(circuit),
  pinned: truth,
  rejected: optional(rejected),
});

const version = object<VersionView>({
  hash: text,
  version: optional(text),
  keptAt: text,
  good: truth,
  active: truth,
});

const change = object<PluginChange>({ plugin: text, from: optional(text), to: optional(text) });

type Ending<Outcome extends ActionReport['outcome']> = Extract<ActionReport, { readonly outcome: Outcome }>;

const endings: { readonly [Outcome in ActionReport['outcome']]: Shape<Ending<Outcome>> } = {
  rolled: object<Ending<'rolled'>>({ outcome: word('rolled'), changes: list(change), ms: number }),
  done: object<Ending<'done'>>({ outcome: word('done'), changes: list(change), ms: number }),
  unchanged: object<Ending<'unchanged'>>({ outcome: word('unchanged'), ms: number }),
  rejected: object<Ending<'rejected'>>({
    outcome: word('rejected'),
    problems: list(object<Problem & { plugin: string }>({ ...problemFields, plugin: text })),
    ms: number,
  }),
  'rolled-back': object<Ending<'rolled-back'>>({ outcome: word('rolled-back'), reason: text, ms: number }),
  refused: object<Ending<'refused'>>({ outcome: word('refused'), reason: text }),
};

/** The answer to an action. */
export const isReport: Shape<ActionReport> = (value): value is ActionReport =>
  Object.values(endings).some((shape) => shape(value));

/** The answer to `GET /plugins`. */
export const isPluginList = object<{ plugins: readonly PluginView[] }>({ plugins: list(plugin) });

/** The answer to `GET /plugins/{name}/versions`. */
export const isVersionList = object<{ versions: readonly VersionView[] }>({ versions: list(version) });

/** What the admin port says to a request that it does not meet. */
export const isRefusal = object<{ error: string }>({ error: text });
