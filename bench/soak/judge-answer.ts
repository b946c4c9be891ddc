/** What an answer of the soak is: whose voice it has, or what is wrong with it. */
import type { Ending } from '../load/line.ts';
import { versionIn } from '../load/sightings.ts';
import { failing, inactive, tripped } from './lineage.ts';
import type { SoakedPlugin } from './soaked-plugin.ts';

export interface Asked {
  readonly plugin: SoakedPlugin;
  readonly text: string;
  readonly seed: number;
}

export type Judgement =
  | { readonly kind: 'right' | 'failing'; readonly voice: string; readonly version: string }
  | { readonly kind: 'inactive' | 'tripped'; readonly voice: string }
  | { readonly kind: 'wrong'; readonly reason: string };

/** Whether that voice may be heard is another question. */
export function judgeAnswer(asked: Asked, ending: Ending): Judgement {
  if (ending.kind === 'broken') return wrong(`lost: ${ending.reason}`);
  const { status, head, body } = ending;
  const answer = objectIn(body.toString());
  const code: unknown = Reflect.get(answer, 'code');
  // `1.0.7@3f2a91c0bb12`
  const version = versionIn(head);
  const own = version?.split('@')[0];
  if (status === 503 && code === 'PLUGIN_INACTIVE') return { kind: 'inactive', voice: inactive };
  if (status === 503 && code === 'CIRCUIT_OPEN') return { kind: 'tripped', voice: tripped };
  if (version === undefined || own === undefined)
    return wrong(`status ${status}, ${String(code)}, no version`);
  if (status === 500 && code === 'PLUGIN_FAULT') return { kind: 'failing', voice: failing(own), version };
  if (status !== 200) return wrong(`status ${status}, ${String(code)}`);

  const data: unknown = Reflect.get(answer, 'data');
  if (typeof data !== 'object' || data === null) return wrong('no data');
  const expected = { text: asked.text, version: own, ...asked.plugin.expected(asked.seed, asked.text) };
  const differing = Object.entries(expected).find(([key, value]) => Reflect.get(data, key) !== value);
  if (differing !== undefined) return wrong(`wrong data.${differing[0]}`);
  return { kind: 'right', voice: own, version };
}

function wrong(reason: string): Judgement {
  return { kind: 'wrong', reason };
}

/** An empty one where the text is no JSON object. */
function objectIn(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
