/** `hotlane why-slow`: what held the slowest calls up. */
import type { Manifest } from '../config/manifest.ts';
import { type AddressFlags, adminAddress } from './admin-address.ts';
import { ask } from './admin-client.ts';
import { isSlowReport } from './insight-shapes.ts';
import { readReply } from './read-reply.ts';
import { slowText } from './slow-text.ts';

export interface WhySlowFlags extends AddressFlags {
  /** `plugin/tool` */
  readonly tool?: string;
  readonly json?: true;
}

export async function showWhySlow({ tool, json, ...flags }: WhySlowFlags, manifest: Manifest): Promise<void> {
  const server = adminAddress(flags, manifest);
  if (server === undefined) return;
  const path = tool === undefined ? '/slow' : `/slow/${tool.split('/').map(encodeURIComponent).join('/')}`;
  const answer = readReply(await ask(server, { method: 'GET', path }), server, isSlowReport);
  if (answer === undefined) return;
  process.stdout.write(json ? answer.text : slowText(answer.value, process.stdout));
}
