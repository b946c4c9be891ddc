/**
 * The slowest calls as people read of them:
 *
 *   8400 calls in the last one to two minutes; the slowest 84 took 212 ms to 530 ms.
 *
 *   62 of 84 slow calls of weather/current: run
 *     run took 480 ms of 512 ms; usually it takes 40 ms
 *     The tool’s own time, or that of what it calls (ctx.fetch): its own code has the answer.
 *     slowest: request id 5f…
 */
import { styleText } from 'node:util';
import type { SlowGroup, SlowReport } from '../insight/why-slow.ts';
import { msText } from './number-text.ts';
import { onOneLine } from './plain-text.ts';
import type { Destination } from './reload-lines.ts';

/** A per cent of fewer calls than this is not even one. */
const ENOUGH = 100;

/** Ends with a line break. */
export function slowText(report: SlowReport, stream: Destination): string {
  const { isMeasured, seen, slow, fromMs, toMs, groups } = report;
  if (!isMeasured) {
    return 'The server does not measure where calls spend their time: its setting phases is off.\n';
  }
  if (slow === 0) return 'No call was answered in the last one to two minutes.\n';
  const took = fromMs === toMs ? msText(toMs) : `${msText(fromMs)} to ${msText(toMs)}`;
  const lines = [
    `${count(seen, 'call')} in the last one to two minutes; the slowest ${slow === 1 ? '' : `${slow} `}took ${took}.`,
  ];
  if (seen < ENOUGH) lines.push('So few calls say little: the slowest per cent is less than one of them.');
  for (const group of groups) lines.push('', ...groupLines(group, stream));
  return `${lines.join('\n')}\n`;
}

function groupLines(group: SlowGroup, stream: Destination): string[] {
  const { tool, calls, ofCalls, advice, settings, requestId } = group;
  const who = `${calls} of ${count(ofCalls, 'slow call')} of ${onOneLine(tool)}`;
  const what = styleText(group.cause.kind === 'nothing' ? 'gray' : 'yellow', causeText(group), { stream });
  return [
    `${styleText('bold', who, { stream })}: ${what}`,
    `  ${timesText(group)}`,
    `  ${onOneLine(advice)}`,
    ...(settings.length > 0 ? [`  settings: ${settings.map(onOneLine).join(', ')}`] : []),
    `  slowest: request id ${onOneLine(requestId)}`,
  ];
}

function timesText({ phase, phaseMs, usualMs, totalMs }: SlowGroup): string {
  const took = `${phase} took ${msText(phaseMs)} of ${msText(totalMs)}`;
  if (usualMs === undefined) return `${took}; the tool was called too rarely to know what is usual`;
  return `${took}; usually it takes ${msText(usualMs)}`;
}

function causeText({ cause, phase }: SlowGroup): string {
  switch (cause.kind) {
    case 'nothing':
      return 'nothing stands out';
    case 'phase':
      return phase;
    case 'pause': {
      const thread = cause.thread === 'main' ? 'the main thread' : 'its worker';
      if (cause.pause !== 'stall') return `${phase}, while ${thread} collected garbage (${cause.pause})`;
      const by =
        cause.by === undefined
          ? ''
          : cause.by === 'itself'
            ? ' by a call of the same tool'
            : ` by ${onOneLine(cause.by)}`;
      return `${phase}, while ${thread} was kept${by}`;
    }
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
