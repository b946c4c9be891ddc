/** The commands of `hotlane`. What a command does is imported when it is called for. */
import { Command, CommanderError, type Option } from 'commander';
import type { Flags } from '../config/claim.ts';
import type { Manifest } from '../config/manifest.ts';
import { EXIT, exitCodeHelp } from './exit-codes.ts';
import { addInsightCommands } from './insight-commands.ts';
import { addOpenapiCommands, openapiOptions } from './openapi-commands.ts';
import { addOperatorCommands, addressOptions, operatorOptions } from './operator-commands.ts';
import { settingOptions } from './setting-options.ts';
import { addSignCommand, signOptions } from './sign-command.ts';
import { addTwinCommands, callOptions } from './twin-commands.ts';

const examples = `
Examples:
  hotlane start --port 8080 --plugins ./plugins    serve the plugins of a folder
  hotlane dev --plugins ./plugins                  the same, set up for writing plugins
  hotlane config --json                            print the settings in effect and where each comes from
  HOTLANE_WORKERS=4 hotlane start                  every flag has a variable ...
  hotlane start --config production.json           ... and a key in the file: {"workers": 4}
  hotlane plugins                                  list the plugins of a running server
  hotlane reload greet                             have it run what greet's folder holds now
  hotlane top                                      watch what it is busy with
  hotlane why-slow                                 learn why its slowest calls are slow
  hotlane openapi greet --url https://my.host      write what Coze imports greet from
  hotlane call greet hello --json '{"name":"Li"}'  call a tool as Coze does
  hotlane sign greet/hello --json '{"name":"Li"}'  print a curl line with what greet's auth asks for
  hotlane twin                                     stand in for Coze on this machine

Flags override variables, variables override the file.

${exitCodeHelp()}
`;

/** Runs one command line. Sets the exit code; a server keeps running after this returns. */
export async function run(argv: readonly string[], manifest: Manifest): Promise<void> {
  process.stdout.on('error', endOfPipe);
  const program = new Command('hotlane')
    .description(
      'Hosts Coze plugins: one HTTP server, a pool of worker threads, new plugin code live on save.',
    )
    .version(manifest.version)
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('after', examples)
    .showHelpAfterError('Add --help to see what is possible.')
    .exitOverride();

  program
    .command('start')
    .description('Serve the plugins.')
    .action(async (flags: Flags) => {
      const { serve } = await import('./serve.ts');
      await serve(flags, manifest, 'start');
    });
  program
    .command('dev')
    .description('Serve the plugins while writing them: debug on, one worker, every request logged.')
    .action(async (flags: Flags) => {
      const { serve } = await import('./serve.ts');
      await serve(flags, manifest, 'dev');
    });
  program
    .command('config')
    .description('Print the settings in effect and where each comes from.')
    .option('--json', 'print JSON instead of a table')
    .action(async ({ json, ...flags }: Flags & { json?: true }) => {
      const { showConfig } = await import('./show-config.ts');
      showConfig(flags, manifest, json ? 'json' : 'table');
    });
  const operatorCommands = addOperatorCommands(program, manifest);
  const insightCommands = addInsightCommands(program, manifest);
  const openapiCommands = addOpenapiCommands(program, manifest);
  const { twin, call } = addTwinCommands(program, manifest);
  const signCommand = addSignCommand(program, manifest);
  // Only the command that is called gets its options: making them takes milliseconds of the start.
  program.hook('preSubcommand', (_program, command) => {
    const options = (): Option[] => {
      if (command === twin) return [];
      if (command === call) return callOptions();
      if (command === signCommand) return signOptions();
      if (openapiCommands.has(command)) return openapiOptions();
      if (operatorCommands.has(command)) return operatorOptions();
      return insightCommands.has(command) ? addressOptions() : settingOptions();
    };
    for (const option of options()) command.addOption(option);
  });

  try {
    await program.parseAsync(argv);
  } catch (error) {
    // Commander has said what there is to say: help, version or what is wrong with the line.
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}

/** Whoever reads the output has had enough, like `head`: that is no failure, but there is nobody to go on for. */
function endOfPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.done);
}
