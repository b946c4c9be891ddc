/** Appends numbered entries to the journal named by the first argument until it is killed; says when it has begun. */
import { AuditJournal } from '../../src/lifecycle/audit-journal.ts';
import { entry, LARGEST } from './entries.ts';

const journal = new AuditJournal(process.argv[2] ?? '', {
  largest: LARGEST,
  onError: (error) => {
    throw error;
  },
});
for (let n = 0; ; n++) {
  journal.append(entry(n));
  // Waits for the disk now and then, with writes under way all the time.
  if (n % 50 === 0) await journal.read(1);
  if (n === 300) process.stdout.write('begun\n');
}
