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
 * No script, no frame, nothing from elsewhere; no address of a page, which may hold a code, goes to another site. Forms go
 * to this server and are sent on from there: Chromium holds `form-action` against each redirect too, and Coze may send a
 * user who has to sign in to an address of its own that nobody knows here. So any https site is allowed, and `consentAt`,
 * the origin of Coze's consent page.
 */
export function headersFor(consentAt: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    `style-src ${STYLE_SOURCE}`,
    `form-action 'self' https: ${consentAt}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy.join('; '),
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'X-Frame-Options': 'DENY',
    'X-Content-Type-Options': 'nosniff',
  };
}

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
