import { test } from 'tap';
import { bodyBytes, bodyOf, cpuCall, echoCall, faultOf, ioCall, textOf } from '../../bench/load/call.ts';

const success = (data: object) => JSON.stringify({ status: 'success', data });

test('every body is 250 bytes of JSON in the envelope', async (t) => {
  for (const call of [echoCall, ioCall, cpuCall(619_162, -1)]) {
    for (const serial of [0, 255, 123_456]) {
      const body = bodyOf(call, serial);
      t.equal(Buffer.byteLength(body), bodyBytes);
      t.match(JSON.parse(body), {
        user_id: String,
        bot_id: String,
        parameters: { text: textOf(call, serial) },
      });
    }
  }
});

test('the right answer has no fault', async (t) => {
  t.equal(faultOf(echoCall, 7, 200, success({ text: textOf(echoCall, 7) })), undefined);
  t.equal(faultOf(cpuCall(16, -42), 7, 200, success({ checksum: -42 })), undefined);
});

test('a wrong answer is told by what is wrong with it', async (t) => {
  t.equal(faultOf(echoCall, 7, 503, ''), 'status 503');
  t.equal(faultOf(echoCall, 7, 200, success({ text: textOf(echoCall, 8) })), 'wrong data.text');
  t.equal(faultOf(cpuCall(16, -42), 7, 200, success({ checksum: 42 })), 'wrong data.checksum');
  const noSuccess = 'no {"status":"success","data":{...}}';
  t.equal(faultOf(echoCall, 7, 200, 'not JSON'), noSuccess);
  t.equal(faultOf(echoCall, 7, 200, 'null'), noSuccess);
  t.equal(faultOf(echoCall, 7, 200, '{"status":"error","message":"x"}'), noSuccess);
});
