/** node:http in front of Piscina. Arguments: port, pool settings as JSON. */
import { createServer } from 'node:http';
import { poolCall } from './pool.ts';
import { isToolPath } from './tool-paths.ts';

const call = poolCall(JSON.parse(process.argv[3] ?? 'null') ?? undefined);

createServer((request, response) => {
  const path = request.url;
  if (request.method !== 'POST' || !isToolPath(path)) {
    response.writeHead(404).end();
    return;
  }
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', async () => {
    const [first] = parts;
    const body = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
    const { status, json } = await call(path, body).catch((error: unknown) => ({
      status: 500,
      json: JSON.stringify({ status: 'error', message: String(error) }),
    }));
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(json),
    });
    response.end(json);
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
