import { test } from 'tap';
import type { Ending } from '../../../bench/load/line.ts';
import { type Asked, judgeAnswer } from '../../../bench/soak/judge-answer.ts';
import { soakedPlugins } from '../../../bench/soak/soaked-plugin.ts';

function asked(name: string): Asked {
  const plugin = soakedPlugins.find((one) => one.name === name);
  if (plugin === undefined) throw new Error(`no plugin ${name}`);
  return { plugin, text: '..7', seed: 7 };
}

function answer(status: number, body: object, version?: string): Ending {
  const line = version === undefined ? '' : `\r\nX-Plugin-Version: ${version}`;
  return {
    kind: 'answer',
    status,
    head: `HTTP/1.1 ${status} X${line}\r\nContent-Type: application/json`,
    body: Buffer.from(JSON.stringify(body)),
  };
}

function reasonOf(name: string, ending: Ending): string {
  const judgement = judgeAnswer(asked(name), ending);
  return judgement.kind === 'wrong' ? judgement.reason : judgement.kind;
}

const success = (data: object) => ({ status: 'success', data });

test('the right answer has the voice of its version', async (t) => {
  const ending = answer(200, success({ text: '..7', version: '1.0.3' }), '1.0.3@aa');
  t.same(judgeAnswer(asked('echo'), ending), { kind: 'right', voice: '1.0.3', version: '1.0.3@aa' });
});

test('a failing version and a plugin that is off have voices of their own', async (t) => {
  const failing = answer(500, { status: 'error', code: 'PLUGIN_FAULT' }, '1.0.3@aa');
  t.match(judgeAnswer(asked('echo'), failing), { kind: 'failing', voice: 'failing 1.0.3' });
  const off = answer(503, { status: 'error', code: 'PLUGIN_INACTIVE' });
  t.same(judgeAnswer(asked('echo'), off), { kind: 'inactive', voice: 'inactive' });
});

test('whatever else comes is wrong, with the reason', async (t) => {
  t.equal(reasonOf('echo', { kind: 'broken', reason: 'connection closed' }), 'lost: connection closed');
  const other = success({ text: '..8', version: '1.0.3' });
  t.equal(reasonOf('echo', answer(200, other, '1.0.3@aa')), 'wrong data.text');
  const mislabelled = success({ text: '..7', version: '1.0.2' });
  t.equal(reasonOf('echo', answer(200, mislabelled, '1.0.3@aa')), 'wrong data.version');
  const undigested = success({ text: '..7', version: '1.0.3', digest: 'x' });
  t.equal(reasonOf('digest', answer(200, undigested, '1.0.3@aa')), 'wrong data.digest');
  t.equal(reasonOf('echo', answer(503, { code: 'QUEUE_FULL' })), 'status 503, QUEUE_FULL, no version');
  t.equal(reasonOf('echo', answer(504, { code: 'X' }, '1.0.3@aa')), 'status 504, X');
  t.equal(reasonOf('echo', answer(200, success({ text: '..7' }))), 'status 200, undefined, no version');
});
