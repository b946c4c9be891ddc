/**
 * Fastify in front of Piscina. Arguments: port, pool settings as JSON. The body goes to the worker unparsed and
 * the answer comes back as text, which is faster than Fastify's own parsing with objects cloned both ways.
 */
import { fastify } from 'fastify';
import { poolCall } from './pool.ts';
import { toolPaths } from './tool-paths.ts';

const call = poolCall(JSON.parse(process.argv[3] ?? 'null') ?? undefined);
const app = fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
);
for (const path of toolPaths) {
  app.post<{ Body: Buffer }>(path, async (request, reply) => {
    const answer = await call(path, request.body);
    return reply.code(answer.status).header('content-type', 'application/json').send(answer.json);
  });
}
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
