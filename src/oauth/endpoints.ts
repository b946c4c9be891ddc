/**
 * Where Coze's OAuth lives. Authorization is a page of the site, tokens come from the API:
 * https://www.coze.com/open/docs/developer_guides/oauth_code
 */
export interface Endpoints {
  readonly authorize: string;
  readonly token: string;
  /** The API itself, without a slash at its end. */
  readonly api: string;
}

/** `webUrl`, `apiUrl`: instead of the region's own. */
export function endpointsOf(
  region: 'com' | 'cn',
  webUrl = `https://www.coze.${region}`,
  apiUrl = `https://api.coze.${region}`,
): Endpoints {
  return {
    authorize: `${withoutSlash(webUrl)}/api/permission/oauth2/authorize`,
    token: `${withoutSlash(apiUrl)}/api/permission/oauth2/token`,
    api: withoutSlash(apiUrl),
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
