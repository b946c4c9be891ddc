/**
 * A folder of the test's own, filled as `testdir` of tap fills it.
 *
 * tap runs what was added last first, but counts all teardowns as one, added with the first of them. A server whose
 * teardown were the first would be stopped only after its folder was removed; what it writes meanwhile makes the removal
 * fail, nothing is stopped then, and the process stays. So there is a teardown before there is a folder.
 */
import type { Test } from 'tap';

export function ownFolder(
  t: Pick<Test, 'testdir' | 'teardown'>,
  content: Parameters<Test['testdir']>[0] = {},
): string {
  t.teardown(() => undefined);
  return t.testdir(content);
}
