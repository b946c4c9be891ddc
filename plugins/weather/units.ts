/** Both unit systems: how they are called and how the service's metric values come into them. */
export const UNITS = {
  metric: {
    temperature: 'C',
    fromCelsius: (celsius: number) => celsius,
    speed: 'm/s',
    fromMetresPerSecond: (speed: number) => speed,
  },
  imperial: {
    temperature: 'F',
    fromCelsius: (celsius: number) => celsius * 1.8 + 32,
    speed: 'mph',
    fromMetresPerSecond: (speed: number) => speed / 0.44704,
  },
} as const;

export function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}
