import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'tap';
import { problemText, reportText } from '../../src/cli/reload-lines.ts';
import type { ActionReport, Problem } from '../../src/reload/control.ts';
import { NEW, OLD } from '../admin/scripted-control.ts';

// The surroundings of the tests may ask for colours everywhere or nowhere; here the stream alone decides.
delete process.env.FORCE_COLOR;

const pipe = new PassThrough();
const screen = Object.assign(new PassThrough(), { isTTY: true });

const PROBLEM: Problem = {
  step: 'init',
  reason: 'The key is missing.',
  file: 'src/index.ts',
  line: 12,
  column: 5,
  frame: '  11 | init() {\n> 12 |     throw 1;\n     |     ^',
};

/** Each way an action can end, and what a person reads. */
const CASES: readonly (readonly [ActionReport, string])[] = [
  [
    { outcome: 'rolled', changes: [{ plugin: 'greet', from: OLD, to: NEW }], ms: 412.4 },
    'greet  3f2a91c0bb12 → 77aa02b1c9de  rolled in 412 ms\n',
  ],
  [
    {
      outcome: 'rolled',
      changes: [
        { plugin: 'greet', from: undefined, to: NEW },
        { plugin: 'weather', from: OLD, to: undefined },
      ],
      ms: 1500,
    },
    'greet    none → 77aa02b1c9de  rolled in 1.5 s\nweather  3f2a91c0bb12 → none  rolled in 1.5 s\n',
  ],
  [
    { outcome: 'done', changes: [{ plugin: 'greet', from: OLD, to: OLD }], ms: 2 },
    'greet  3f2a91c0bb12  done in 2 ms\n',
  ],
  [
    { outcome: 'done', changes: [{ plugin: 'greet', from: undefined, to: undefined }], ms: 2 },
    'greet  -  done in 2 ms\n',
  ],
  [{ outcome: 'done', changes: [], ms: 2 }, 'done in 2 ms\n'],
  [{ outcome: 'unchanged', ms: 12 }, 'unchanged, nothing new to put to work (12 ms)\n'],
  [
    {
      outcome: 'rejected',
      problems: [
        { ...PROBLEM, plugin: 'greet' },
        { plugin: 'weather', step: 'import', reason: 'It is empty.' },
      ],
      ms: 88,
    },
    [
      'greet  rejected in 88 ms  init failed at src/index.ts:12:5: The key is missing.',
      '      11 | init() {',
      '    > 12 |     throw 1;',
      '         |     ^',
      'weather  rejected in 88 ms  import failed: It is empty.',
      '',
    ].join('\n'),
  ],
  [
    { outcome: 'rolled-back', reason: 'worker 2 did not come up', ms: 900 },
    'rolled back in 900 ms, every worker runs the old code again: worker 2 did not come up\n',
  ],
  [{ outcome: 'refused', reason: 'greet is not active' }, 'refused: greet is not active\n'],
];

test('each ending of an action has its line', async (t) => {
  for (const [report, text] of CASES) t.equal(reportText(report, pipe), text);
});

test('a terminal sees the same in colours', async (t) => {
  for (const [report, text] of CASES) {
    const seen = reportText(report, screen);
    if (report.outcome !== 'unchanged') t.not(seen, text, report.outcome);
    t.equal(stripVTControlCharacters(seen), text, report.outcome);
  }
});

test('a problem is told as far as its place is known', async (t) => {
  const { frame: _frame, ...rest } = PROBLEM;
  t.equal(problemText(rest, pipe), 'init failed at src/index.ts:12:5: The key is missing.\n');
  t.equal(
    problemText({ ...rest, column: undefined }, pipe),
    'init failed at src/index.ts:12: The key is missing.\n',
  );
  t.equal(problemText({ ...rest, file: undefined }, pipe), 'init failed: The key is missing.\n');
});

test('what a plugin says takes no hold of the terminal', async (t) => {
  const problem: Problem = { step: 'init', reason: '\u001b[2Jfirst\nsecond\n', frame: '> 1 | \u001b[31mx' };
  t.equal(problemText(problem, pipe), 'init failed: first\n    second\n    > 1 | x\n');
});
