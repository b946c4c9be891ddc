/** The yardstick: uWebSockets.js with the plugin on the event loop. Nothing between request and plugin. */
import { toolCalls } from './tool-calls.ts';
import { type Answering, serveUws } from './uws-app.ts';

const routes = new Map<string, Answering>();
for (const [path, call] of toolCalls()) routes.set(path, (body) => call(body.toString()));
serveUws(Number(process.argv[2]), routes);
