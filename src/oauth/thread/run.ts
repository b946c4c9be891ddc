/** The token thread itself: the token service behind two kinds of messages. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Log, LogFields } from '../../core/log.ts';
import { openTokenService } from '../open-token-service.ts';
import { SettingProblem } from '../setting-problem.ts';
import type { NotNow, TokenService } from '../token-service.ts';
import { Unavailable } from '../unavailable.ts';
import type { Answer, FromTokenThread, Question, TokenThreadData, ToTokenThread } from './messages.ts';
import { Troubles } from './troubles.ts';

const port = parentPort;
if (port === null) throw new Error('this file is a thread of its own');
const tell = (message: FromTokenThread): void => port.postMessage(message);

const log = logTo(tell);
const { settings }: TokenThreadData = workerData;
const service = open();
const troubles = new Troubles(log);

port.on('message', (message: ToTokenThread) => {
  switch (message.type) {
    case 'ask':
      void answer(message.question).then((given) => tell({ type: 'answer', id: message.id, answer: given }));
      return;
    case 'close':
      // The thread ends when nothing is left to wait for.
      void service.close().finally(() => port.close());
      return;
    default:
      message satisfies never;
  }
});

tell({ type: 'started' });
// Said at once, not when the first user is sent away.
const trouble = await service.check();
if (trouble !== undefined) troubles.tell(trouble);

function open(): TokenService {
  try {
    return openTokenService(settings, log);
  } catch (error) {
    if (error instanceof SettingProblem)
      tell({ type: 'refused', setting: error.setting, message: error.message });
    throw error;
  }
}

/** Never rejects. */
async function answer(question: Question): Promise<Answer> {
  try {
    const given = await ask(question);
    if (given.kind === 'unavailable') troubles.tell(given);
    return given;
  } catch (error) {
    log.error('the token service failed', { error });
    const { code, message: reason } = new Unavailable('STORE_FAULTY');
    return { kind: 'unavailable', code, reason } satisfies NotNow;
  }
}

async function ask(question: Question): Promise<Answer> {
  switch (question.kind) {
    case 'begin':
      return service.begin(question.user, question.session);
    case 'finish':
      return service.finish(question);
    case 'token': {
      const access = await service.accessToken(question.user);
      if (access.kind !== 'token') return access;
      return { kind: 'token', value: access.value.reveal(), expiresAt: access.expiresAt };
    }
    case 'status':
      return service.status(question.user);
    case 'forget':
      return service.forget(question.user);
    default:
      return question satisfies never;
  }
}

/** Lines travel as messages; an error keeps its stack on the way. */
function logTo(send: (message: FromTokenThread) => void, own: LogFields = {}): Log {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void =>
      send({ type: 'log', level, message, fields: { ...own, ...fields } });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => logTo(send, { ...own, ...fields }),
  };
}
