/**
 * What an object keeps to itself, as text: two objects of equal text behave alike from here on. So the real
 * classes tell the explorer by themselves which of their pasts come to the same.
 */

/** `labels`: objects that are named, not looked into. `dead`: properties that change nothing but reports. */
export function privateState(
  root: object,
  labels: ReadonlyMap<object, string>,
  dead: ReadonlySet<string>,
): string {
  const numbers = new Map<object, number>();
  const textOf = (value: unknown): string => {
    if (typeof value === 'function') return 'f';
    if (typeof value !== 'object' || value === null) return String(value);
    const label = labels.get(value);
    if (label !== undefined) return label;
    const known = numbers.get(value);
    if (known !== undefined) return `#${known}`;
    numbers.set(value, numbers.size);
    return membersOf(value)
      .filter(([name]) => !dead.has(String(name)))
      .map(([name, member]) => `${String(name)}:${textOf(member)}`)
      .join(' ')
      .replace(/^.*$/s, '{$&}');
  };
  return textOf(root);
}

/** Names and values; for maps what they hold. */
function membersOf(value: object): (readonly [name: unknown, member: unknown])[] {
  if (value instanceof Map) return [...value];
  if (value instanceof Set) return [...value].map((member, index) => [index, member]);
  return Object.entries(value);
}
