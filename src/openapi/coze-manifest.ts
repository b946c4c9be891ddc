/** The manifest that stands beside a plugin's document when it is imported: Coze's `ai_plugin.json`. */
import type { PluginManifest } from '../wire/catalogue.ts';
import type { JsonObject } from '../wire/json-schema.ts';
import type { DocumentAuth } from './security.ts';

/** Holds no secret: whoever imports it puts the token in. */
export function cozeManifest({ name, description }: PluginManifest, auth: DocumentAuth): JsonObject {
  return {
    schema_version: 'v1',
    name_for_model: name,
    name_for_human: name,
    description_for_model: description,
    description_for_human: description,
    auth: cozeAuth(auth),
    logo_url: '',
    api: { type: 'openapi' },
    common_params: { header: [{ name: 'User-Agent', value: 'Coze/1.0' }], query: [], body: [] },
  };
}

/** Coze wants the details as JSON inside of JSON. */
function cozeAuth(auth: DocumentAuth): JsonObject {
  if (auth.kind === 'none') return { type: 'none' };
  const location = auth.in === 'header' ? 'Header' : 'Query';
  const payload = JSON.stringify({ key: auth.name, service_token: '', location });
  return { type: 'service_http', sub_type: 'token/api_key', payload };
}
