/** What is left to do by hand before Coze’s calls are answered, or what will keep them from it. */
import type { AuthRule } from '../core/auth-rules.ts';

/** `rules`: of the plugin. Sentences, without the secrets. */
export function adviceLines(plugin: string, url: string, rules: readonly AuthRule[]): readonly string[] {
  return [...addressAdvice(url), ...authAdvice(plugin, rules)];
}

function addressAdvice(url: string): readonly string[] {
  const { protocol, hostname } = new URL(url);
  if (/^(?:localhost|127\.|\[::1\]|0\.0\.0\.0)/.test(hostname))
    return [`Only this machine reaches ${url}; Coze’s cloud needs a public address.`];
  return protocol === 'https:' ? [] : [`Coze’s cloud takes https addresses only; ${url} is not one.`];
}

function authAdvice(plugin: string, rules: readonly AuthRule[]): readonly string[] {
  const token = rules.find(({ type }) => type === 'service-token');
  if (token?.type === 'service-token') {
    const place = token.place === 'query' ? 'query parameter' : 'header';
    return [
      `Coze must send the service token as ${place} ${token.name}: put one of the tokens of ${plugin} into "service_token"` +
        ' of ai_plugin.json, or into the form at the import. No secret was written.',
    ];
  }
  if (rules.some(({ type }) => type === 'none'))
    return [
      `${plugin} has no authentication: behind a proxy anybody can call it, without one Coze’s calls are refused.` +
        ` Set serviceToken, or pluginSettings.${plugin}.auth.`,
    ];
  return [
    `${plugin} asks for ${rules.map(({ type }) => type).join(' or ')}, which Coze cannot bring: its calls will be refused.` +
      ` Add a service-token to pluginSettings.${plugin}.auth.`,
  ];
}
