/** The commands that look into a running server. What a command does is imported when it is called for. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Manifest } from '../config/manifest.ts';
import { helpWith } from './command-help.ts';
import type { HeapFlags } from './heap.ts';
import type { ProfileFlags } from './profile.ts';
import type { TopFlags } from './top.ts';
import type { WhySlowFlags } from './why-slow.ts';

/** The commands, without the options for the server's address. */
export function addInsightCommands(program: Command, manifest: Manifest): ReadonlySet<Command> {
  const top = program
    .command('top')
    .description('Watch what a running server is busy with: workers, tools, queue, memory.')
    .option(
      '--interval <seconds>',
      'time between two looks; what is shown is of that time',
      seconds(0.1, 3600),
      1,
    )
    .option('--once', 'show one interval and end')
    .option('--json', 'print the figures of each interval as one line of JSON')
    .addHelpText(
      'after',
      helpWith(
        ['At a terminal the table stays in place until Ctrl-C; elsewhere one is printed for each interval.'],
        ['hotlane top', 'of the server on this machine'],
        ['hotlane top --once --interval 10', 'the next ten seconds, for a report'],
        ["hotlane top --json | jq '.callsPerSecond'", 'for programs'],
      ),
    )
    .action(async (flags: TopFlags) => {
      const { watchServer } = await import('./top.ts');
      await watchServer(flags, manifest);
    });
  const profile = program
    .command('profile')
    .description('Record where one worker spends its processor time, and name its hottest functions.')
    .option('--worker <number>', 'as `hotlane top` numbers them (default: the busiest)', worker)
    .option('--main', 'the main thread, which reads and writes the sockets, instead of a worker')
    .option('--seconds <seconds>', 'how long', seconds(0.1, 60), 5)
    .option('--out <file>', 'where to (default: hotlane-worker-N-<time>.cpuprofile in the current folder)')
    .option('--json', 'print file and hottest functions as JSON')
    .addHelpText(
      'after',
      helpWith(
        [
          'The file opens in the Performance panel of Chrome’s DevTools. The worker serves on meanwhile, somewhat\n' +
            'slower, above all at the beginning, when its code is optimised anew. One that is caught in a loop is\n' +
            'recorded as well; one inside native code does not react.',
        ],
        ['hotlane profile', 'five seconds of the busiest worker'],
        ['hotlane profile --worker 1 --seconds 20', 'of this one'],
        ['hotlane profile --main --out main.cpuprofile', 'of the main thread'],
      ),
    )
    .action(async (flags: ProfileFlags) => {
      const { profileServer } = await import('./profile.ts');
      await profileServer(flags, manifest);
    });
  const heap = program
    .command('heap')
    .description('Save what the heap of one worker holds, and name what takes the most of it.')
    .option(
      '--worker <number>',
      'as `hotlane top` numbers them (default: the one with the largest heap)',
      worker,
    )
    .option('--out <file>', 'where to (default: hotlane-worker-N-<time>.heapsnapshot in the current folder)')
    .option('--json', 'print file, size and the largest as JSON')
    .addHelpText(
      'after',
      helpWith(
        [
          'The worker stands still while it writes its heap: about a second for 20 MiB. Calls that it runs wait, and\n' +
            'those that miss their deadline are answered with 504; the other workers serve on. The process needs about\n' +
            'twice the memory of the heap for it, and the snapshot’s size in its folder for temporary files.',
          'The file opens in the Memory panel of Chrome’s DevTools. It holds whatever the plugins held, also what their\n' +
            'users said: treat it as such.',
        ],
        ['hotlane heap', 'of the worker with the largest heap'],
        ['hotlane heap --worker 0 --out before.heapsnapshot', 'of this one'],
      ),
    )
    .action(async (flags: HeapFlags) => {
      const { saveHeap } = await import('./heap.ts');
      await saveHeap(flags, manifest);
    });
  const whySlow = program
    .command('why-slow')
    .description('Tell why the slowest per cent of the last one to two minutes’ calls was slow.')
    .option('--tool <plugin/tool>', 'of one tool alone', toolName)
    .option('--json', 'print the server’s answer as it is, in JSON')
    .addHelpText(
      'after',
      helpWith(
        [
          'Calls are grouped by the phase that took the most over what is usual for their tool, and by what held it up:\n' +
            'a garbage collection, or a thread that was kept by other code.',
        ],
        ['hotlane why-slow', 'of the server on this machine'],
        ['hotlane why-slow --tool weather/current', 'the slowest per cent of this tool'],
      ),
    )
    .action(async (flags: WhySlowFlags) => {
      const { showWhySlow } = await import('./why-slow.ts');
      await showWhySlow(flags, manifest);
    });
  return new Set([top, profile, heap, whySlow]);
}

function seconds(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a number of seconds from ${least} to ${most}.`);
  };
}

function worker(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected the number of a worker, as `hotlane top` shows it.');
}

function toolName(text: string): string {
  if (/^[^/]+\/[^/]+$/.test(text)) return text;
  throw new InvalidArgumentError('Expected plugin and tool, such as weather/current.');
}
