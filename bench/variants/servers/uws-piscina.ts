/** uWebSockets.js in front of Piscina: `run` per request. Arguments: port, pool settings as JSON. */
import { poolCall } from './pool.ts';
import { toolPaths } from './tool-paths.ts';
import { type Answering, serveUws } from './uws-app.ts';

const call = poolCall(JSON.parse(process.argv[3] ?? 'null') ?? undefined);
const routes = new Map<string, Answering>();
for (const path of toolPaths) routes.set(path, (body) => call(path, body));
serveUws(Number(process.argv[2]), routes);
