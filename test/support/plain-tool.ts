/** What tools have that are bound or loaded without a plugin: nothing special. */
import { CozeAccess } from '../../workers/coze/coze-access.ts';
import { DeclaredAnswer } from '../../workers/declared-answer.ts';
import { NativeArgumentReader } from '../../workers/native-arguments.ts';

export const plainTool = {
  native: new NativeArgumentReader({ method: 'POST', path: '/', pathArguments: [], queryArguments: [] }, {}),
  declared: new DeclaredAnswer({}),
  stream: undefined,
  coze: new CozeAccess(),
  tellDropped: (): void => undefined,
} as const;
