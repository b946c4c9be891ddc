/** However this process ends, except by SIGKILL, its children and its temporary folders go with it. */
import { killOwned } from './owned.ts';
import { removeTempFolders } from './temp-folder.ts';

export function leaveNothingBehind(): void {
  process.on('exit', () => {
    killOwned();
    removeTempFolders();
  });
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
}
