/** The pages of consent, asked as the front asks them. */
import { createSecretKey } from 'node:crypto';
import { type Test, test } from 'tap';
import { consentPages } from '../../src/oauth/pages/consent-pages.ts';
import { html } from '../../src/oauth/pages/html.ts';
import type { NotNow, TokenService } from '../../src/oauth/token-service.ts';
import { consentLink, readConsentLink } from '../../src/wire/consent-link.ts';
import type { PageAnswer } from '../../src/wire/page.ts';
import { memoryLog } from '../support/server.ts';

const KEY = createSecretKey(Buffer.alloc(32, 'a'));
const OLD_KEY = createSecretKey(Buffer.alloc(32, 'b'));
const AUTHORIZE = '/oauth/coze/authorize';
const CALLBACK = '/oauth/coze/callback';
const NOW = Date.now();

interface Asked {
  readonly method?: 'GET' | 'POST';
  readonly cookie?: string | undefined;
  readonly body?: string;
}

interface Site {
  readonly link: (user: string) => string;
  ask(path: string, query: string, asked?: Asked): Promise<PageAnswer & { readonly body: string }>;
  /** What the token service was asked. */
  readonly asked: unknown[];
}

function site(publicUrl = 'http://127.0.0.1:8080', answers: Partial<TokenService> = {}): Site {
  const asked: unknown[] = [];
  const pages = consentPages({
    publicUrl,
    cozeUrl: 'https://www.coze.com/api/permission/oauth2/authorize',
    keys: [KEY, OLD_KEY],
    log: memoryLog([]),
    tokens: {
      async begin(user, session) {
        asked.push({ user, session });
        return { kind: 'begun', url: `https://www.coze.com/authorize?state=s`, state: 's' };
      },
      async finish(given) {
        asked.push(given);
        return { kind: 'stored', user: '1' };
      },
      ...answers,
    },
  });
  return {
    asked,
    link: (user) => consentLink({ page: '', key: KEY }, user, NOW).slice(1),
    async ask(path, query, { method = 'GET', cookie, body = '' } = {}) {
      const page = pages.find((one) => one.path === path);
      if (page === undefined) throw new Error(`no page at ${path}`);
      const headers = new Map(cookie === undefined ? [] : [['cookie', cookie]]);
      const given = { method, path, query, headers, body: Buffer.from(body), requestId: 'r-1' };
      const answer = await page.handle(given);
      return { ...answer, body: String(answer.body) };
    },
  };
}

/** What a browser sends back, and the proof of the page's form. */
function kept({ headers, body }: { headers: PageAnswer['headers']; body: string }): {
  readonly cookie: string;
  readonly proof: string;
} {
  const [cookie = ''] = headers['Set-Cookie']?.split(';') ?? [];
  return { cookie: `other=1; ${cookie}`, proof: /name="proof" value="([\w-]+)"/.exec(body)?.[1] ?? '' };
}

/** Why there is nothing for now, with words for the owner of the server. */
const down = async (): Promise<NotNow> => ({
  kind: 'unavailable',
  code: 'STORE_DOWN',
  reason: 'check redisUrl',
});

/** Every answer is a page that keeps to itself. */
function isSafe(t: Test, { headers, body }: PageAnswer): void {
  t.match(headers, {
    'Content-Security-Policy': /^default-src 'none'; .*frame-ancestors 'none'$/,
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'X-Frame-Options': 'DENY',
    'X-Content-Type-Options': 'nosniff',
  });
  t.notMatch(body, /<script|javascript:|src=|onerror=/i);
}

test('a click on the page, and nothing else, sends the browser on to Coze', async (t) => {
  const { ask, link, asked } = site();
  const query = link('7480000000000000001');
  const page = await ask(AUTHORIZE, query);
  isSafe(t, page);
  t.match(
    page.headers['Set-Cookie'],
    /^hotlane-consent=[\w-]{43}\.user=7480000000000000001&until=\d{10}&sig=[\w-]{43}; Path=\/oauth\/coze; HttpOnly; SameSite=Lax; Max-Age=2400$/,
  );
  const { cookie, proof } = kept(page);
  const post = (given: Asked): Promise<PageAnswer> => ask(AUTHORIZE, query, { method: 'POST', ...given });

  for (const [why, given] of Object.entries({
    'without the cookie': { body: `proof=${proof}` },
    'without the proof': { cookie },
    'with another proof': { cookie, body: `proof=${'A'.repeat(43)}` },
    'with the proof of another browser': {
      cookie: kept(await ask(AUTHORIZE, query)).cookie,
      body: `proof=${proof}`,
    },
    'with the proof for another user': {
      cookie,
      body: `proof=${kept(await ask(AUTHORIZE, link('2'), { cookie })).proof}`,
    },
  })) {
    const refused = await post(given);
    t.equal(refused.status, 400, why);
    isSafe(t, refused);
  }
  t.strictSame(asked, []);

  const sent = await post({ cookie, body: `proof=${proof}` });
  t.match(sent, { status: 303, body: '', headers: { Location: 'https://www.coze.com/authorize?state=s' } });
  t.match(asked, [{ user: '7480000000000000001', session: /^[\w-]{43}$/ }]);
});

test('two tabs of one browser have one session', async (t) => {
  const { ask, link, asked } = site();
  const first = kept(await ask(AUTHORIZE, link('1')));
  const second = kept(await ask(AUTHORIZE, link('2'), { cookie: first.cookie }));
  await ask(AUTHORIZE, link('1'), { method: 'POST', cookie: second.cookie, body: `proof=${first.proof}` });
  await ask(AUTHORIZE, link('2'), { method: 'POST', cookie: second.cookie, body: `proof=${second.proof}` });
  t.match(asked, [{ user: '1' }, { user: '2' }]);
  t.equal(Object(asked[0]).session, Object(asked[1]).session);
});

test('a link is valid as it was made, from its making until half an hour later', async (t) => {
  const query = site().link('7');
  const read = (text: string, at = NOW): string => readConsentLink(text, [KEY], at).kind;
  t.equal(read(query), 'valid');
  t.equal(read(query, NOW + 29 * 60_000), 'valid');
  t.equal(read(query, NOW + 30 * 60_000), 'expired');
  const changed = ['user=8', 'until=9999999999', 'sig=AAAA', 'user=7&user=8', 'user=', 'until=1e9'];
  for (const part of changed) {
    const name = part.split('=')[0] ?? '';
    t.equal(read(query.replace(new RegExp(`${name}=[^&]*`), part)), 'forged', part);
  }
  for (const name of ['user', 'until', 'sig']) {
    const rest = new URLSearchParams(query);
    rest.delete(name);
    t.equal(read(rest.toString()), 'forged', `without ${name}`);
  }
  for (let n = 0; n < query.length; n++) {
    const letter = query[n] === '1' ? '2' : '1';
    // The last letter of base64url has two bits that stand for nothing.
    if (n < query.length - 1)
      t.not(read(query.slice(0, n) + letter + query.slice(n + 1)), 'valid', `letter ${n}`);
  }
  const far = consentLink({ page: '', key: KEY }, '7', NOW + 24 * 3_600_000).slice(1);
  t.equal(read(far), 'forged', 'longer than a link may work');
  const old = consentLink({ page: '', key: OLD_KEY }, '7', NOW).slice(1);
  t.equal(readConsentLink(old, [KEY, OLD_KEY], NOW).kind, 'valid', 'a key that is being exchanged');
  t.equal(read(old), 'forged');
  const odd = 'a\nb&c="<é>+%';
  t.match(readConsentLink(site().link(odd), [KEY], NOW), { kind: 'valid', user: odd });
});

test('pages that refuse say why and how to go on', async (t) => {
  const { ask, link } = site();
  const forged = await ask(AUTHORIZE, link('1').replace('user=1', 'user=2'));
  t.match(forged, { status: 403, body: /not valid[\s\S]*ask for a new link/ });
  const old = await ask(AUTHORIZE, consentLink({ page: '', key: KEY }, '1', NOW - 3_600_000).slice(1));
  t.match(old, { status: 403, body: /too old[\s\S]*ask for a new link/ });

  const { cookie } = kept(await ask(AUTHORIZE, link('1')));
  const again =
    /<a class="button" href="\/oauth\/coze\/authorize\?user=1&amp;until=\d+&amp;sig=[\w-]+">Try again<\/a>/;
  const cases: readonly (readonly [string, string | undefined, number, RegExp])[] = [
    ['error=access_denied&state=s', cookie, 200, /not connected[\s\S]*You have not agreed/],
    [
      'error=server_error&error_description=try+%3Cb%3Elater',
      cookie,
      400,
      /server_error: try &lt;b&gt;later/,
    ],
    ['error=%3Cb%3E', cookie, 400, /Coze says: unreadable/],
    ['', cookie, 400, /Something is missing/],
    ['code=c', cookie, 400, /Something is missing/],
  ];
  for (const [query, sent, status, text] of cases) {
    const answer = await ask(CALLBACK, query, { cookie: sent });
    isSafe(t, answer);
    t.match(answer, { status, body: text }, query);
    t.match(answer.body, again, 'a way to try again');
  }
  const stranger = await ask(CALLBACK, 'error=server_error&error_description=Call+555-123');
  t.notMatch(stranger.body, '555', 'words of a link that anybody can make');
  const foreign = await ask(CALLBACK, 'code=c&state=s');
  t.match(foreign, { status: 400, body: /begun in another browser[\s\S]*ask for a new link/ });
  const edited = await ask(CALLBACK, '', { cookie: cookie.replace('user=1', 'user=2') });
  t.notMatch(edited.body, 'Try again', 'a link that was edited in the cookie');
});

test('what the token service refuses is told in words', async (t) => {
  for (const code of ['STATE_UNKNOWN', 'STATE_EXPIRED', 'STATE_FOREIGN', 'CODE_REFUSED'] as const) {
    const { ask, link } = site(undefined, { finish: async () => ({ kind: 'refused', code, reason: '<i>' }) });
    const { cookie } = kept(await ask(AUTHORIZE, link('1')));
    const answer = await ask(CALLBACK, 'code=c&state=s', { cookie });
    t.match(answer, { status: 400, body: new RegExp(`${code}: &lt;i&gt;[\\s\\S]*Try again`) }, code);
  }
  const { ask, link } = site(undefined, { begin: down, finish: down });
  const { cookie, proof } = kept(await ask(AUTHORIZE, link('1')));
  for (const answer of [
    await ask(AUTHORIZE, link('1'), { method: 'POST', cookie, body: `proof=${proof}` }),
    await ask(CALLBACK, 'code=c&state=s', { cookie }),
  ]) {
    t.match(answer, { status: 503, body: /STORE_DOWN/ });
    t.notMatch(answer.body, 'redisUrl', 'that is for the log');
  }
});

test('behind a path and https, links and cookie fit the public address', async (t) => {
  const { ask, link } = site('https://plugins.example.com/hotlane');
  const page = await ask(AUTHORIZE, link('1'));
  t.match(page.body, 'action="/hotlane/oauth/coze/authorize?user=1');
  t.match(
    page.headers['Set-Cookie'],
    /^__Host-hotlane-consent=[^;]*; Path=\/; Secure; HttpOnly; SameSite=Lax;/,
  );
});

test('a user id is shown as text, whatever it is', async (t) => {
  const { ask, link } = site();
  const page = await ask(AUTHORIZE, link(`"'><script>alert(1)</script>&amp;`));
  isSafe(t, page);
  t.match(page.body, '<dd>&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;</dd>');
  t.equal(
    html`<p title="${'"'}">${html`<b>${'<'}</b>`}${undefined}${[html`1`, html`2`]}</p>`.text,
    '<p title="&quot;"><b>&lt;</b>12</p>',
  );
});
