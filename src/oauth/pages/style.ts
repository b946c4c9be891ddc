/** The look of the pages. It stands in each page, so that a page is one request; its hash lets it, and no other style, apply. */
import { createHash } from 'node:crypto';

export const STYLE = `
:root { color-scheme: light dark; --back: #f3f4f7; --card: #fff; --text: #1c1f26; --quiet: #5b6270;
  --line: #dfe2e8; --accent: #3a4fd0; --on-accent: #fff; --good: #1a7f4b; --bad: #b3362b; }
@media (prefers-color-scheme: dark) { :root { --back: #14161a; --card: #1e2127; --text: #e8eaef; --quiet: #a0a7b4;
  --line: #333842; --accent: #8ea0ff; --on-accent: #14161a; --good: #5fcf95; --bad: #ff8d80; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 30rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 1rem; font-size: 1.4rem; line-height: 1.25; text-wrap: balance; }
h1.good { color: var(--good); } h1.bad { color: var(--bad); }
p, ol, dl, form { margin: 0 0 1rem; } ol { padding-left: 1.25rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; padding: .75rem 1rem;
  border: 1px solid var(--line); border-radius: .5rem; }
dt { color: var(--quiet); } dd { margin: 0; font-family: ui-monospace, monospace; font-size: .95em; }
.note { padding-left: .75rem; border-left: .25rem solid var(--accent); }
.small { color: var(--quiet); font-size: .875rem; }
.button { display: block; width: 100%; margin: 0 0 1rem; padding: .75rem 1rem; border: 0; border-radius: .5rem;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-align: center;
  text-decoration: none; cursor: pointer; }
.button:hover { filter: brightness(1.1); }
.button:focus-visible { outline: .2rem solid var(--text); outline-offset: .2rem; }
:is(main, form) > :last-child { margin-bottom: 0; }
@media (max-width: 30rem) { main { padding: 1.25rem; } }
`;

/** A source of style-src, https://www.w3.org/TR/CSP3/#grammardef-hash-source */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
