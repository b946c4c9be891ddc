/** Figures as people read them: as many digits as mean something. */

/** Milliseconds: `0.04 ms`, `4.1 ms`, `512 ms`, `2.5 s`. */
export function msText(ms: number | undefined): string {
  if (ms === undefined) return '-';
  if (ms >= 999.5) return `${(ms / 1000).toFixed(1)} s`;
  return `${shortly(ms)} ms`;
}

/** Of something per second: `0.3`, `12.4`, `1204`. */
export function rateText(rate: number): string {
  return rate === 0 ? '0' : rate < 100 ? rate.toFixed(1) : String(Math.round(rate));
}

/** 0 … 1 as per cent. */
export function shareText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** MiB where one says it in the head of a column. */
export function mebibytesText(mb: number | undefined): string {
  return mb === undefined ? '-' : mb < 10 ? mb.toFixed(1) : String(Math.round(mb));
}

/** `812 B`, `64 KiB`, `14.2 MiB` */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 2 ** 20) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function shortly(value: number): string {
  if (value >= 10) return String(Math.round(value));
  return value >= 1 ? value.toFixed(1) : value.toFixed(2);
}
