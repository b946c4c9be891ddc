/**
 * A process of its own that gets tokens when it is told to. In: `Order`, out: the token, else what there is instead.
 */
import { endpointsOf } from '../../src/oauth/endpoints.ts';
import { readKeys } from '../../src/oauth/key-ring.ts';
import { Provider } from '../../src/oauth/provider.ts';
import { TIMING } from '../../src/oauth/timing.ts';
import { TokenKeeper } from '../../src/oauth/token-keeper.ts';
import { KEY_A, type Place, recordingLog, shown, storeAt } from './scene.ts';
import { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } from './strict-provider.ts';

export interface Start {
  readonly place: Place;
  readonly providerUrl: string;
}

export interface Order {
  readonly user: string;
  /** Unix time in ms. */
  readonly now: number;
  readonly leaseMs: number;
}

const { place, providerUrl } = JSON.parse(process.argv[2] ?? '{}') as Start;
let time = 0;
const now = (): number => time;
const log = recordingLog([]);
const timing = { ...TIMING, pollMs: 10 };
const service = new TokenKeeper({
  region: 'com',
  store: storeAt(place),
  keys: readKeys(KEY_A),
  provider: new Provider({
    endpoints: endpointsOf('com', providerUrl, providerUrl),
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    redirectUri: REDIRECT_URI,
    limitMs: timing.requestMs,
    now,
    log,
  }),
  log,
  timing,
  now,
});

process.on('message', (order: Order) => {
  time = order.now;
  timing.leaseMs = order.leaseMs;
  void service.accessToken(order.user).then((access) => process.send?.(shown(access)));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
