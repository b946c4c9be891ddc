/** What the audit journal of a server holds, and whether it tells whole lives. */
import { join } from 'node:path';
import { AuditJournal, type JournalEntry } from '../../src/lifecycle/audit-journal.ts';
import { MOVES, type State } from '../../src/lifecycle/version-state.ts';
import type { Place } from './reloading-server.ts';

/** Every entry, oldest first. */
export async function journalOf({ stateDir }: Pick<Place, 'stateDir'>): Promise<readonly JournalEntry[]> {
  const journal = new AuditJournal(join(stateDir, 'journal.ndjson'), {
    onError: (error) => {
      throw error;
    },
  });
  return journal.read(100_000);
}

/**
 * Entries before which something is missing: moves that are not in the table, or not from where a life of this
 * content had come to. The same content can have several lives, each of which begins REGISTERED.
 */
export function untold(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const lives = new Map<string, State[]>();
  return entries.filter(({ plugin, hash, from, to }) => {
    const key = `${plugin} ${hash}`;
    const states = lives.get(key) ?? [];
    lives.set(key, states);
    const life = from === 'REGISTERED' ? states.push(from) - 1 : states.lastIndexOf(from);
    if (life === -1 || !MOVES[from].includes(to)) return true;
    states[life] = to;
    return false;
  });
}
