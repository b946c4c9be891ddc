/** The pages through which users let plugins use Coze in their name. */
import type { Page } from '../../wire/page.ts';
import { authorize } from './authorize-page.ts';
import { callback } from './callback-page.ts';
import { ConsentSite, FOLDER, type SiteOptions } from './consent-site.ts';

/** Below the public address: where consent links lead, and where Coze sends browsers back to. */
export const AUTHORIZE_PATH = `${FOLDER}/authorize`;
export const CALLBACK_PATH = `${FOLDER}/callback`;

export function consentPages(options: SiteOptions): readonly Page[] {
  const site = new ConsentSite(options);
  return [
    { path: AUTHORIZE_PATH, methods: ['GET', 'POST'], handle: (request) => authorize(site, request) },
    { path: CALLBACK_PATH, methods: ['GET'], handle: (request) => callback(site, request) },
  ];
}
