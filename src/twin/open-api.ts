/** Two pieces of Coze's API behind the access token: who the user is, and a conversation that repeats what was said. */
import { randomInt } from 'node:crypto';
import type { Grants } from './grants.ts';
import { type Answer, bearerOf, json, type Request } from './http-message.ts';
import { isArray, isObject, type Json, type JsonObject, parseJson } from './json.ts';

interface Chat {
  readonly user: string;
  readonly id: string;
  readonly conversation: string;
  readonly bot: string;
  readonly question: string;
  readonly createdAt: number;
}

/** Chats remembered. */
const MOST_CHATS = 1000;

export class OpenApi {
  private readonly grants: Grants;
  private readonly chats = new Map<string, Chat>();

  constructor(grants: Grants) {
    this.grants = grants;
  }

  /** GET /v1/users/me */
  me(request: Request): Answer {
    return this.asUser(request, (user) => {
      return { user_id: user, user_name: `user${user}`, nick_name: `User ${user}`, avatar_url: '' };
    });
  }

  /** POST /v3/chat, not streaming: it is answered at the next look. */
  chat(request: Request): Answer {
    return this.asUser(request, (user) => {
      const body = parseJson(request.body);
      if (!isObject(body) || typeof body['bot_id'] !== 'string') return wrong('bot_id is required');
      if (body['stream'] === true) return wrong('the twin does not stream; leave stream out');
      const chat: Chat = {
        user,
        id: newId(),
        conversation: request.query.get('conversation_id') ?? newId(),
        bot: body['bot_id'],
        question: questionOf(body['additional_messages']),
        createdAt: Math.floor(Date.now() / 1000),
      };
      const [oldest] = this.chats.keys();
      if (this.chats.size >= MOST_CHATS && oldest !== undefined) this.chats.delete(oldest);
      this.chats.set(chat.id, chat);
      return told(chat, 'in_progress');
    });
  }

  /** GET /v3/chat/retrieve */
  retrieve(request: Request): Answer {
    return this.asUser(request, (user) => {
      const chat = this.find(request, user);
      return chat === undefined ? wrong('no such chat') : told(chat, 'completed');
    });
  }

  /** GET /v3/chat/message/list */
  messages(request: Request): Answer {
    return this.asUser(request, (user) => {
      const chat = this.find(request, user);
      if (chat === undefined) return wrong('no such chat');
      const { id, conversation, bot, question } = chat;
      const message = { id: newId(), chat_id: id, conversation_id: conversation, bot_id: bot };
      return [{ ...message, role: 'assistant', type: 'answer', content: question, content_type: 'text' }];
    });
  }

  private find({ query }: Request, user: string): Chat | undefined {
    const chat = this.chats.get(query.get('chat_id') ?? '');
    return chat?.user === user && chat.conversation === query.get('conversation_id') ? chat : undefined;
  }

  private asUser(request: Request, answer: (user: string) => Json | Wrong): Answer {
    const user = this.grants.userOf(bearerOf(request));
    const detail = { logid: newId() };
    if (user === undefined) return json(401, { code: 4100, msg: 'authentication is invalid', detail });
    const data = answer(user);
    if (data instanceof Wrong) return json(400, { code: 4000, msg: data.message, detail });
    return json(200, { code: 0, msg: '', data, detail });
  }
}

class Wrong {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

function wrong(message: string): Wrong {
  return new Wrong(message);
}

function told({ id, conversation, bot, createdAt }: Chat, status: string): JsonObject {
  return { id, conversation_id: conversation, bot_id: bot, created_at: createdAt, status };
}

/** The last thing that was said. */
function questionOf(messages: Json | undefined): string {
  const last = isArray(messages) ? messages.at(-1) : undefined;
  return isObject(last) && typeof last['content'] === 'string' ? last['content'] : '';
}

/** Beyond what a number can hold, as all ids of Coze. */
function newId(): string {
  return `75${String(randomInt(10 ** 8)).padStart(8, '0')}${String(randomInt(10 ** 9)).padStart(9, '0')}`;
}
