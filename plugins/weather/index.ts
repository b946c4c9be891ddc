/**
 * Tells the weather, asked from an HTTP service. Shows: configuration in `init`, a call to another service
 * (`ctx.fetch`) that ends with the caller's wait or at its own time limit, and a failing service as an
 * answer that the model can read, with the details in the log.
 *
 * The service's base URL is `upstream` in the plugin's configuration, else WEATHER_UPSTREAM in the
 * environment, else the local one started by `npm run weather-upstream`.
 */
import { definePlugin } from 'hotlane/plugin';
import { oneDecimal, UNITS } from './units.ts';
import { CONDITIONS, observe, upstreamUrl } from './upstream.ts';

let upstream: URL | undefined;

export default definePlugin({
  name: 'weather',
  version: '1.0.0',
  description: 'Tells the current weather of a city.',
  tools: {
    current: {
      summary: 'Get the current weather of a city by its Chinese or English name.',
      input: {
        type: 'object',
        description: 'Where, and in which units.',
        properties: {
          city: { type: 'string', minLength: 1, maxLength: 100, description: 'City, e.g. 北京 or Beijing.' },
          units: {
            type: 'string',
            enum: ['metric', 'imperial'],
            default: 'metric',
            description:
              'metric: degrees Celsius and metres per second; imperial: Fahrenheit and miles per hour.',
          },
        },
        required: ['city'],
        additionalProperties: false,
      },
      output: {
        type: 'object',
        description: 'The weather as last observed.',
        properties: {
          city: { type: 'string', description: 'The city’s English name.' },
          condition: { type: 'string', enum: CONDITIONS, description: 'The sky in one word.' },
          temperature: { type: 'number', description: 'Air temperature in temperature_unit.' },
          temperature_unit: { type: 'string', enum: ['C', 'F'], description: 'Celsius or Fahrenheit.' },
          humidity_percent: { type: 'number', description: 'Relative humidity.' },
          wind_speed: { type: 'number', description: 'Wind speed in wind_unit.' },
          wind_unit: { type: 'string', enum: ['m/s', 'mph'], description: 'Unit of wind_speed.' },
        },
        required: [
          'city',
          'condition',
          'temperature',
          'temperature_unit',
          'humidity_percent',
          'wind_speed',
          'wind_unit',
        ],
        additionalProperties: false,
      },
      // No output: it depends on the service, so the example only shows the input.
      examples: [{ input: { city: '北京' } }, { input: { city: 'New York', units: 'imperial' } }],
      async execute({ city, units = 'metric' }, ctx) {
        if (upstream === undefined) throw new Error('weather was called before init');
        const answer = await observe(upstream, city, ctx);
        switch (answer.kind) {
          case 'unknown city':
            return new Error(
              `No weather is known for ${city}. Use the usual Chinese or English name of a city.`,
            );
          case 'failed':
            ctx.logger.warn('weather service failed', { reason: answer.reason, detail: answer.detail });
            return new Error(`The weather service failed: ${answer.reason}. Try again later.`);
          case 'observed': {
            const { city: name, condition, temperature_c, humidity_percent, wind_m_s } = answer.observation;
            const unit = UNITS[units];
            return {
              city: name,
              condition,
              temperature: oneDecimal(unit.fromCelsius(temperature_c)),
              temperature_unit: unit.temperature,
              humidity_percent,
              wind_speed: oneDecimal(unit.fromMetresPerSecond(wind_m_s)),
              wind_unit: unit.speed,
            };
          }
        }
      },
    },
  },
  init(ctx) {
    upstream = upstreamUrl(ctx.config['upstream'], process.env['WEATHER_UPSTREAM']);
  },
});
