/** The straight line through a curve. */

export interface Slope {
  /** What the least-squares line through the points rises per unit of x; NaN for fewer than two different x. */
  readonly rise: number;
  /** Its standard error, by how far the points lie beside the line; NaN for fewer than three points. */
  readonly error: number;
}

export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope {
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  let [covariance, variance] = [0, 0];
  for (const [x, y] of points) {
    covariance += (x - meanX) * (y - meanY);
    variance += (x - meanX) ** 2;
  }
  const rise = covariance / variance;
  const beside = points.reduce((sum, [x, y]) => sum + (y - meanY - rise * (x - meanX)) ** 2, 0);
  return { rise, error: Math.sqrt(beside / (points.length - 2) / variance) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
