/**
 * The benchmark's entry: `npm run bench -- [command] [options]`. Chooses the command, and sees to it that no
 * process and no file it made is left behind.
 */
import { type Command, UsageError } from './commands/command.ts';
import { compare } from './commands/compare.ts';
import { micro } from './commands/micro.ts';
import { overload } from './commands/overload.ts';
import { reload } from './commands/reload.ts';
import { tuning } from './commands/tuning.ts';
import { leaveNothingBehind } from './process/leave-nothing-behind.ts';

/** A new mode is a file in commands/ and a line here. */
const commands: readonly Command[] = [compare, micro, reload, overload, tuning];

leaveNothingBehind();
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const named = commands.find(({ name }) => name === args[0]);
  const command = named ?? compare;
  const rest = named === undefined ? args : args.slice(1);
  if (rest.includes('--help') || rest.includes('-h')) {
    const others = commands.filter(({ name }) => name !== command.name);
    const list = others.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n');
    console.log(others.length === 0 ? command.help : `${command.help}\n\nOther commands:\n${list}`);
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}. See npm run bench -- --help`);
      return 2;
    }
    console.error(error);
    return 1;
  }
}
