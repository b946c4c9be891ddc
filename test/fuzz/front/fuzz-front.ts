/** The fuzzer of the HTTP front: batches of scripts against a real server, until the time is up or one fails. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dice } from '../dice.ts';
import type { Finding, FuzzReport } from '../finding.ts';
import { type Problem, playBatch } from './batch.ts';
import { makeScript } from './make-script.ts';
import type { Script } from './script.ts';
import { ServerProcess } from './server-process.ts';
import { shrink } from './shrink.ts';

const BATCH = 24;
const SHRINK_MS = 20_000;
const LONGEST_SHOWN = 2000;

export interface FrontFuzz {
  readonly seed: number;
  readonly seconds: number;
  /** How long an answer may take, in milliseconds. */
  readonly patienceMs: number;
}

/** With a server of its own, whose end is looked at too. */
export async function fuzzFront(options: FrontFuzz): Promise<FuzzReport> {
  const stand = await Stand.start(options.patienceMs);
  const report = await fuzzOn(stand, options).catch(async (error: unknown) => {
    await stand.stop();
    throw error;
  });
  const what = await stand.stop();
  if (what === undefined || report.findings.length > 0) return report;
  const reproduce = `node test/fuzz/fuzz.ts front --seed ${options.seed} --seconds ${options.seconds}`;
  return { ...report, findings: [{ kind: 'unclean end', what, input: 'the whole run', reproduce }] };
}

/** With a server that is there already. */
export async function fuzzOn(stand: Stand, { seed, seconds }: FrontFuzz): Promise<FuzzReport> {
  const dice = new Dice(seed);
  const begun = performance.now();
  let connections = 0;
  let turns = 0;
  let finding: Finding | undefined;
  do {
    const scripts = Array.from({ length: BATCH }, () => makeScript(new Dice(dice.seed())));
    connections += scripts.length;
    for (const script of scripts) turns += script.turns.length;
    const [problem] = await stand.play(scripts);
    if (problem !== undefined) finding = await stand.explain(scripts, problem);
  } while (finding === undefined && performance.now() - begun < seconds * 1000);
  return {
    fuzzer: 'front',
    seed,
    seconds: (performance.now() - begun) / 1000,
    tried: { connections, turns },
    findings: finding === undefined ? [] : [finding],
  };
}

/** Plays the scripts of a file once more, and tells what is wrong. */
export async function replayFront(file: string, patienceMs: number): Promise<Problem[]> {
  const scripts: Script[] = JSON.parse(readFileSync(file, 'utf8'));
  const stand = await Stand.start(patienceMs);
  try {
    return await stand.play(scripts);
  } finally {
    await stand.stop();
  }
}

/** One server after the other: a dead one is replaced. */
export class Stand {
  private server: ServerProcess;
  private readonly patienceMs: number;

  private constructor(server: ServerProcess, patienceMs: number) {
    this.server = server;
    this.patienceMs = patienceMs;
  }

  static async start(patienceMs: number): Promise<Stand> {
    return new Stand(await ServerProcess.start(), patienceMs);
  }

  async play(scripts: readonly Script[]): Promise<Problem[]> {
    if (this.server.death !== undefined) this.server = await ServerProcess.start();
    return playBatch(this.server, scripts, this.patienceMs);
  }

  /** Shrinks what failed and writes it to a file. */
  async explain(scripts: readonly Script[], problem: Problem): Promise<Finding> {
    let last = problem;
    const fails = async (candidate: readonly Script[]): Promise<boolean> => {
      const same = (await this.play(candidate)).find(({ kind }) => kind === problem.kind);
      last = same ?? last;
      return same !== undefined;
    };
    const small = await shrink(scripts, fails, performance.now() + SHRINK_MS);
    const folder = join(tmpdir(), 'hotlane-fuzz');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `front-${small[0]?.id}.json`);
    const json = JSON.stringify(small);
    writeFileSync(file, json);
    return {
      kind: problem.kind,
      what: last.what.slice(0, LONGEST_SHOWN),
      input: json.length > LONGEST_SHOWN ? `${json.slice(0, LONGEST_SHOWN)}…` : json,
      reproduce: `node test/fuzz/fuzz.ts --replay ${file}`,
    };
  }

  /** What was wrong about the way the server ended. */
  async stop(): Promise<string | undefined> {
    return this.server.death === undefined ? this.server.stop() : undefined;
  }
}
