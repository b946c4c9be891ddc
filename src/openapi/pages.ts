/**
 * The documents as pages of a server. A text is made when it is first asked for and kept as long as the plugins stay
 * the same; what makes it is loaded then.
 */
import type { PluginManifest } from '../wire/catalogue.ts';
import type { JsonObject } from '../wire/json-schema.ts';
import { NATIVE_ROOT } from '../wire/native-http.ts';
import { jsonAnswer, type Page, type PageAnswer } from '../wire/page.ts';
import type { WholeDocumentOptions } from './whole-document.ts';

/**
 * Pages for the plugins of this moment. `manifests`: those that are served now; the same array until they change, and of
 * a plugin the same object until it changes. A page of a plugin that has gone is answered with 404.
 */
export function documentPages(
  manifests: () => readonly PluginManifest[],
  options: WholeDocumentOptions,
): readonly Page[] {
  const texts = new WeakMap<object, string>();
  const kept = async (key: object, make: () => Promise<JsonObject>): Promise<PageAnswer> => {
    const text = texts.get(key) ?? JSON.stringify(await make());
    texts.set(key, text);
    return jsonAnswer(200, text);
  };
  const whole = (): Promise<PageAnswer> => {
    const all = manifests();
    return kept(all, async () => {
      const { wholeDocument } = await import('./whole-document.ts');
      return wholeDocument(all, options);
    });
  };
  const ofPlugin = async (name: string): Promise<PageAnswer> => {
    const manifest = manifests().find((one) => one.name === name);
    if (manifest === undefined)
      return jsonAnswer(404, JSON.stringify({ status: 'error', message: `There is no plugin ${name}.` }));
    return kept(manifest, async () => {
      const { pluginDocument } = await import('./plugin-document.ts');
      return pluginDocument(manifest, { url: options.url, auth: options.authOf(name) }).document;
    });
  };
  return [
    page('/openapi.json', whole),
    ...manifests().flatMap(({ name }) =>
      ['openapi.json', 'schema.json'].map((file) =>
        page(`${NATIVE_ROOT}/${name}/${file}`, () => ofPlugin(name)),
      ),
    ),
  ];
}

function page(path: string, handle: () => Promise<PageAnswer>): Page {
  return { path, methods: ['GET'], handle };
}
