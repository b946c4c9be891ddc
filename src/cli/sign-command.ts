/** `hotlane sign` on the command line. What it does is imported when it is called for. */
import { type Command, Option } from 'commander';
import type { Manifest } from '../config/manifest.ts';
import { helpWith } from './command-help.ts';
import { settingOptions } from './setting-options.ts';
import type { SignFlags } from './sign.ts';

/** The command, without the options for settings. */
export function addSignCommand(program: Command, manifest: Manifest): Command {
  return program
    .command('sign')
    .argument('<plugin/tool>', 'what to call')
    .description('Print a curl line that calls a tool with what its plugin’s auth asks for.')
    .option('--json <arguments>', 'the arguments, a JSON object (default: {})')
    .addOption(
      new Option('--as <contract>', 'execute: POST /execute; coze: the tool’s own path below /p')
        .choices(['execute', 'coze'])
        .default('execute'),
    )
    .addOption(
      new Option('--method <method>', 'with --as coze: the tool’s method')
        .choices(['POST', 'GET'])
        .default('POST'),
    )
    .option('--path <path>', 'with --as coze: path and query below /p/<plugin> (default: /<tool>)')
    .option('--url <url>', 'where the server is (default: by its settings)')
    .option('--key <id>', 'id of the key that signs (default: the first one)')
    .option(
      '--secret-file <file>',
      'sign with what this file holds instead: an HMAC secret, or an Ed25519 private key in PEM form',
    )
    .option('--user <id>', 'who calls (default with --as execute: 1)')
    .option('--bot <id>', 'in which bot')
    .option('--conversation <id>', 'in which conversation')
    .option('--show-secret', 'write a service token out instead of $SERVICE_TOKEN')
    .option('--json-output', 'print method, url, headers and body as JSON instead')
    .addHelpText(
      'after',
      helpWith(
        [
          'Keys and tokens are those of the configuration file. A signature is good for one call within the tolerance of\n' +
            'its rule, 300 s unless set. The server need not run.',
        ],
        ['hotlane sign weather/current --json \'{"city":"Berlin"}\'', 'a call of the specification'],
        ['hotlane sign weather/current --json \'{"city":"Berlin"}\' | sh', 'and make it'],
        ['hotlane sign weather/current --as coze --user 42 --bot 7', 'a native call, with identity'],
        [
          'hotlane sign shop/order --as coze --method GET --path /orders/17',
          'of a tool with a path of its own',
        ],
        [
          'hotlane sign weather/current --key k2 --secret-file k2.pem',
          'with a key the server has only half of',
        ],
      ),
    )
    .action(async (name: string, flags: SignFlags) => {
      const { signCall } = await import('./sign.ts');
      signCall(name, flags, manifest);
    });
}

/** The settings that say where the server is and what the keys are. */
export function signOptions(): Option[] {
  return settingOptions(['host', 'port']);
}
