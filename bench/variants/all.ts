/** The servers that are compared. */
import { readFileSync } from 'node:fs';
import { type PoolSettings, settingsText } from './servers/pool-settings.ts';
import type { Variant } from './variant.ts';

function serverFile(name: string): string {
  return new URL(`servers/${name}.ts`, import.meta.url).pathname;
}

/** The yardstick. */
export const inline: Variant = {
  name: 'inline',
  title: 'uWebSockets.js, plugin inline on the event loop',
  args: (port) => [serverFile('uws-inline'), String(port)],
};

/**
 * Calls one hotlane worker may have under way at once: all the waiting calls of the `io` scenario, so that what is
 * measured there is the machinery and not this cap.
 */
export const concurrency = 256;

/** What `npm start` gives to node. */
function startScript(root: string): string[] {
  const { scripts }: { readonly scripts: { readonly start: string } } = JSON.parse(
    readFileSync(`${root}package.json`, 'utf8'),
  );
  const [, ...args] = scripts.start.split(' ');
  return args.map((arg) => (arg.endsWith('.js') ? `${root}${arg}` : arg));
}

export function hotlane(workers: number): Variant {
  const root = new URL('../../', import.meta.url).pathname;
  return {
    name: `hotlane-${workers}`,
    title: `hotlane, ${workers} worker${workers === 1 ? '' : 's'}, --concurrency ${concurrency}`,
    args: (port, adminPort) =>
      [
        startScript(root),
        ['--host', '127.0.0.1', '--port', String(port), '--admin-port', String(adminPort)],
        ['--plugins', `${root}bench/plugins`],
        ['--workers', String(workers), '--concurrency', String(concurrency)],
      ].flat(),
    readyPath: '/readyz',
  };
}

/** HTTP servers that can stand in front of a Piscina pool. */
export type PoolFront = 'uws' | 'fastify' | 'http';

const frontTitles: Readonly<Record<PoolFront, string>> = {
  uws: 'uWebSockets.js + Piscina run',
  fastify: 'Fastify + Piscina run',
  http: 'node:http + Piscina run',
};

/** Piscina as it comes. */
export function piscinaDefaults(front: PoolFront): Variant {
  return {
    name: `${front}-piscina-defaults`,
    title: `${frontTitles[front]}, defaults`,
    args: (port) => [serverFile(`${front}-piscina`), String(port)],
  };
}

/** Piscina with the given settings. */
export function piscinaTuned(front: PoolFront, settings: PoolSettings): Variant {
  return {
    name: `${front}-piscina-tuned`,
    title: `${frontTitles[front]}, ${settingsText(settings)}`,
    args: (port) => [serverFile(`${front}-piscina`), String(port), JSON.stringify(settings)],
  };
}

/** What `--variants` may name. */
export const variantNames: readonly string[] = [
  inline.name,
  hotlane(1).name,
  hotlane(2).name,
  'uws-piscina-defaults',
  'uws-piscina-tuned',
  'fastify-piscina-tuned',
  'http-piscina-tuned',
];
