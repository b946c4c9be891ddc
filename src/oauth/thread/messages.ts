/**
 * Everything the main thread and the token thread say to each other. Each `ask` is answered by one `answer` with its id,
 * unless the thread ends before.
 */
import type { TokenAnswer } from '../../wire/coze-token.ts';
import type {
  Begun,
  Finished,
  Forgotten,
  GrantStatus,
  NotNow,
  TokenServiceSettings,
} from '../token-service.ts';

export type Question =
  | { readonly kind: 'begin'; readonly user: string; readonly session: string }
  | { readonly kind: 'finish'; readonly state: string; readonly code: string; readonly session: string }
  | { readonly kind: 'token'; readonly user: string }
  | { readonly kind: 'status'; readonly user: string }
  | { readonly kind: 'forget'; readonly user: string };

/** A token stands in it as a text: a `Secret` would arrive empty. */
export type Answer =
  | Begun
  | Finished
  | Extract<TokenAnswer, { readonly kind: 'token' }>
  | GrantStatus
  | Forgotten
  | NotNow;

export type ToTokenThread =
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  /** Once, last: end when what is under way has reached the store. */
  | { readonly type: 'close' };

export type FromTokenThread =
  /** Once, first: it answers from now on. */
  | { readonly type: 'started' }
  /** Instead of that, before it ends: these settings cannot work. */
  | { readonly type: 'refused'; readonly setting: string; readonly message: string }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answer }
  | {
      readonly type: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };

/** What the thread is started with. */
export interface TokenThreadData {
  readonly settings: TokenServiceSettings;
}
