/** A curve as a few lines of text. */
import { numberText } from './number-text.ts';

const widest = 64;
const height = 5;
const eighths = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/**
 * The title, then the curve between its smallest and largest value, which stand at the left. Longer curves are
 * drawn by the means of neighbouring values. Values that are no numbers are left out.
 */
export function textChart(title: string, values: readonly number[]): string[] {
  const columns = thin(values.filter(Number.isFinite));
  const [low, high] = [Math.min(...columns), Math.max(...columns)];
  if (columns.length === 0) return [`${title}: not measured`];
  if (low === high) return [`${title}: ${numberText(low)} all the time`];
  const labels = [numberText(high), numberText(low)];
  const indent = Math.max(...labels.map((label) => label.length)) + 2;
  // The smallest value is drawn as well, as one eighth.
  const steps = columns.map((value) => 1 + Math.round(((value - low) / (high - low)) * (height * 8 - 1)));
  const rows = Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * 8;
    const label = row === 0 ? labels[0] : row === height - 1 ? labels[1] : '';
    const cells = steps.map((step) => eighths[Math.min(8, Math.max(0, step - below))] ?? ' ');
    return `${(label ?? '').padStart(indent)} ${cells.join('').trimEnd()}`;
  });
  return [title, ...rows];
}

function thin(values: readonly number[]): readonly number[] {
  if (values.length <= widest) return values;
  return Array.from({ length: widest }, (_, column) => {
    const from = Math.floor((column * values.length) / widest);
    const group = values.slice(from, Math.floor(((column + 1) * values.length) / widest));
    return group.reduce((sum, value) => sum + value, 0) / group.length;
  });
}
