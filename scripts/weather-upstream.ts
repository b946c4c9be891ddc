#!/usr/bin/env node
/**
 * A local weather service to try the example plugin `weather` with. The weather is invented, but the same
 * for a city every time.
 *
 *   GET /v1/current?city=<Chinese or English name>
 *     200 {"city", "condition", "temperature_c", "humidity_percent", "wind_m_s"}
 *     404 {"error": "unknown_city"}
 */
import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';

const USAGE = `Usage: weather-upstream [--port <port>]

Serves invented weather on 127.0.0.1 and prints its base URL.

  --port <port>  port to listen on, 0 for any free one (default 9081)
  --help         print this help
`;

/** English name, Chinese name, mean yearly temperature in degrees Celsius. */
const CITIES: readonly (readonly [english: string, chinese: string, mean: number])[] = [
  ['Beijing', '北京', 13],
  ['Tianjin', '天津', 13],
  ['Shanghai', '上海', 17],
  ['Chongqing', '重庆', 18],
  ['Guangzhou', '广州', 22],
  ['Shenzhen', '深圳', 23],
  ['Hangzhou', '杭州', 17],
  ['Nanjing', '南京', 16],
  ['Suzhou', '苏州', 17],
  ['Wuhan', '武汉', 17],
  ['Chengdu', '成都', 16],
  ["Xi'an", '西安', 14],
  ['Harbin', '哈尔滨', 5],
  ['Shenyang', '沈阳', 9],
  ['Dalian', '大连', 11],
  ['Qingdao', '青岛', 13],
  ['Zhengzhou', '郑州', 15],
  ['Changsha', '长沙', 18],
  ['Kunming', '昆明', 16],
  ['Xiamen', '厦门', 21],
  ['Haikou', '海口', 24],
  ['Lhasa', '拉萨', 8],
  ['Urumqi', '乌鲁木齐', 7],
  ['Hong Kong', '香港', 23],
  ['Macau', '澳门', 23],
  ['Taipei', '台北', 23],
  ['Tokyo', '东京', 16],
  ['Seoul', '首尔', 13],
  ['Singapore', '新加坡', 28],
  ['Sydney', '悉尼', 18],
  ['Delhi', '德里', 25],
  ['Dubai', '迪拜', 28],
  ['Cairo', '开罗', 22],
  ['Nairobi', '内罗毕', 18],
  ['Moscow', '莫斯科', 6],
  ['Berlin', '柏林', 10],
  ['Paris', '巴黎', 12],
  ['London', '伦敦', 11],
  ['New York', '纽约', 13],
  ['San Francisco', '旧金山', 14],
];

const CONDITIONS = ['clear', 'clear', 'cloudy', 'cloudy', 'overcast', 'rain', 'fog'] as const;

const weatherByName = new Map(
  CITIES.flatMap(([english, chinese, mean]) => {
    const weather = JSON.stringify(invent(english, mean));
    return [english.toLowerCase(), chinese, `${chinese}市`].map((name) => [name, weather] as const);
  }),
);

function invent(city: string, mean: number) {
  // Four numbers from 0 to 1 that depend on nothing but the name.
  const [warmth = 0, sky = 0, damp = 0, wind = 0] = createHash('sha256').update(city).digest().map(Number);
  const temperature = mean + (warmth / 255 - 0.5) * 14;
  const condition = CONDITIONS[sky % CONDITIONS.length];
  return {
    city,
    condition: condition === 'rain' && temperature < 1 ? 'snow' : condition,
    temperature_c: Math.round(temperature * 10) / 10,
    humidity_percent: 30 + (damp % 66),
    wind_m_s: Math.round((wind / 255) * 120) / 10,
  };
}

function readPort(): number {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string', default: '9081' }, help: { type: 'boolean', default: false } },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const port = Number(values.port);
    if (!/^[0-9]+$/.test(values.port) || port > 65_535) throw new Error(`not a port: ${values.port}`);
    return port;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

function answer(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(json);
}

const port = readPort();
const server = createServer((request, response) => {
  const url = URL.parse(request.url ?? '', 'http://127.0.0.1');
  if (url?.pathname !== '/v1/current') return answer(response, 404, '{"error":"not_found"}');
  if (request.method !== 'GET') return answer(response, 405, '{"error":"method_not_allowed"}');
  const weather = weatherByName.get((url.searchParams.get('city') ?? '').trim().toLowerCase());
  if (weather === undefined) return answer(response, 404, '{"error":"unknown_city"}');
  return answer(response, 200, weather);
});

server.once('error', (error) => {
  process.stderr.write(`cannot listen on port ${port}: ${error.message}\n`);
  process.exit(1);
});
server.listen(port, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object')
    process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
