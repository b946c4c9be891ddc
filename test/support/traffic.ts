/**
 * A few callers that each send the next call when they have the last answer, over connections they keep, and check
 * every answer against its request.
 */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestServer } from './server.ts';

/** Between two calls of one caller, in ms: the machine has other work to do. */
const PAUSE = 12;

export class Traffic {
  /** Calls answered. */
  calls = 0;
  /** What was not answered with 200, or not with what was asked for; empty if all is well. */
  readonly lost: string[] = [];
  /** Connections opened; as many as callers, if none was ever closed. */
  connections = 0;
  /** Every X-Plugin-Version, in the order in which they first came. */
  readonly versions = new Set<string>();
  private readonly port: number;
  private readonly path: string;
  private readonly agent: Agent;
  private readonly callers: readonly Promise<void>[];
  private isOver = false;

  /** `path` leads to a tool that gives back its `n`, with its plugin's version as `from`. */
  constructor({ url }: Pick<TestServer, 'url'>, path: string, callers = 4) {
    this.port = Number(new URL(url).port);
    this.path = `/execute/${path}`;
    this.agent = new Agent({ keepAlive: true, maxSockets: callers });
    this.callers = Array.from({ length: callers }, (_, caller) => this.repeat(caller));
  }

  /** Resolves with the number of calls when the last one has been answered. */
  async stop(): Promise<number> {
    this.isOver = true;
    await Promise.all(this.callers);
    this.agent.destroy();
    return this.calls;
  }

  private async repeat(caller: number): Promise<void> {
    for (let n = caller; !this.isOver; n += 1000) {
      try {
        await this.call(n);
      } catch (error) {
        this.lost.push(String(error));
      }
      await pause(PAUSE);
    }
  }

  private async call(n: number): Promise<void> {
    const { status, version, text } = await this.send(JSON.stringify({ user_id: 1, parameters: { n } }));
    this.calls++;
    this.versions.add(version);
    const from = version.slice(0, version.indexOf('@'));
    const wanted = JSON.stringify({ n, from });
    if (status !== 200 || JSON.stringify(JSON.parse(text).data) !== wanted)
      this.lost.push(`${status} ${version} ${text}, not ${wanted}`);
  }

  private send(body: string): Promise<{ status: number; version: string; text: string }> {
    return new Promise((resolve, reject) => {
      const { port, path, agent } = this;
      const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
      const outgoing = request(
        { host: '127.0.0.1', port, path, method: 'POST', agent, headers },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (part: string) => {
            text += part;
          });
          answer.once('error', reject);
          answer.once('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              version: String(answer.headers['x-plugin-version'] ?? ''),
              text,
            }),
          );
        },
      );
      outgoing.once('error', reject);
      outgoing.once('socket', () => {
        if (!outgoing.reusedSocket) this.connections++;
      });
      outgoing.end(body);
    });
  }
}
