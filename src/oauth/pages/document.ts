/** A whole page: the frame around what it says, and the headers that keep it to itself. */
import { Html, html } from './html.ts';
import { STYLE, STYLE_SOURCE } from './style.ts';

export interface Content {
  readonly title: string;
  /** The colour of the title. */
  readonly mood: 'plain' | 'good' | 'bad';
  readonly body: Html;
}

/**
 * No script, no frame, nothing from elsewhere; no address of a page, which may hold a code, goes to another site.
 *
 * There is no `form-action`: browsers hold it against each redirect behind a form too, and Coze sends users who have to sign in
 * to addresses that are not known here. A click would then do nothing, and not say why. The template escapes everything, so
 * there is no form but ours.
 */
export const HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': `default-src 'none'; style-src ${STYLE_SOURCE}; base-uri 'none'; frame-ancestors 'none'`,
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
};

export function documentOf({ title, mood, body }: Content): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<h1 class="${mood}">${title}</h1>
${body}
</main>
</body>
</html>
`;
  return page.text;
}
