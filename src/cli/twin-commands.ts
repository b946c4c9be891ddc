/** The commands that play Coze's part. What a command does is imported when it is called for. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Manifest } from '../config/manifest.ts';
import type { CallFlags } from './call.ts';
import { help, helpWith } from './command-help.ts';
import { settingOptions } from './setting-options.ts';
import type { TwinFlags } from './twin.ts';
import type { SendEventFlags } from './twin-event.ts';

/** `twin`, which has all its options, and `call`, which goes without those for settings. */
export function addTwinCommands(
  program: Command,
  manifest: Manifest,
): { readonly twin: Command; readonly call: Command } {
  const twin = program
    .command('twin')
    .helpCommand(false)
    .description('Stand in for Coze on this machine: consent page, tokens, a little of its API, events.')
    .option('--port <port>', 'where to listen; 0 for any free port', port, 8787)
    .option('--client-id <id>', 'client id of the OAuth app', 'hotlane-local.app.coze')
    .option('--client-secret <secret>', 'its secret', 'twin-secret')
    .option('--pkce', 'an app without a secret')
    .option('--server <url>', 'where the hotlane is that shall use the twin', 'http://127.0.0.1:8080')
    .option('--user <id>', 'who is logged in', '7400000000000000001')
    .addOption(
      new Option('--consent <answer>', 'press a button of the consent page at once')
        .choices(['ask', 'allow', 'deny'])
        .default('ask'),
    )
    .option('--access-seconds <seconds>', 'lifetime of access tokens', seconds, 900)
    .option('--refresh-seconds <seconds>', 'lifetime of refresh tokens', seconds, 30 * 86_400)
    .addOption(
      new Option('--trouble <kind>', 'what goes wrong with tokens and API').choices([
        'slow',
        'error',
        'html',
        'lost',
      ]),
    )
    .addHelpText(
      'after',
      helpWith(
        [
          'Standard output gets the variables that point a hotlane at the twin. They are the same each time, but for the key that\n' +
            'encrypts tokens and the folder of the state. Standard error gets every request. It runs until Ctrl-C.',
        ],
        ['hotlane twin > twin.env', 'stand in for Coze, and in another terminal:'],
        ['set -a; . ./twin.env; hotlane start', 'a server that sends its users to the twin'],
        ['hotlane twin --consent allow --access-seconds 5', 'no questions, tokens that soon need a refresh'],
        ['hotlane twin send-event --type bot.published', 'one signed event to a hotlane on this machine'],
      ),
    )
    .action(async (flags: TwinFlags) => {
      const { runTwin } = await import('./twin.ts');
      await runTwin(flags);
    });
  twin
    .command('send-event')
    .description('Send a signed event to a callback address, as Coze does.')
    .option('--to <url>', 'the callback address', 'http://127.0.0.1:8080/coze/callback')
    .addOption(
      new Option('--token <token>', 'the callback token').env('HOTLANE_CALLBACK_TOKEN').makeOptionMandatory(),
    )
    .requiredOption('--type <type>', 'the event’s type')
    .option('--event <json>', 'what the event tells, a JSON object', '{}')
    .option('--event-id <id>', 'instead of a new one')
    .option('--repeat <times>', 'deliver the same event so many times', times, 1)
    .addOption(new Option('--corrupt <part>', 'spoil it after it was signed').choices(['body', 'signature']))
    .addHelpText(
      'after',
      help(
        ['hotlane twin send-event --type bot.published --token s3cret', 'one event'],
        [
          'HOTLANE_CALLBACK_TOKEN=s3cret hotlane twin send-event --type bot.published --repeat 2',
          'a duplicate',
        ],
      ),
    )
    .action(async (flags: SendEventFlags) => {
      const { sendEvents } = await import('./twin-event.ts');
      await sendEvents(flags);
    });
  return { twin, call: addCallCommand(program, manifest) };
}

/** The settings that say where the server is. */
export function callOptions(): Option[] {
  return settingOptions(['host', 'port']);
}

function addCallCommand(program: Command, manifest: Manifest): Command {
  return program
    .command('call')
    .argument('<plugin>', 'name of the plugin')
    .argument('<tool>', 'name of the tool')
    .description('Call a tool of a running server as Coze does, and show what the model would see.')
    .option('--json <arguments>', 'the arguments, a JSON object', '{}')
    .addOption(
      new Option('--as <contract>', 'coze: by the OpenAPI document; execute: POST /execute')
        .choices(['coze', 'execute'])
        .default('coze'),
    )
    .option('--url <url>', 'where the server is (default: by its settings)')
    .option('--user <id>', 'who calls', '7400000000000000001')
    .option('--bot <id>', 'in which bot; a workflow has none')
    .option('--conversation <id>', 'in which conversation; a workflow has none')
    .option('--token <token>', 'service token; "" for none (default: by the plugin’s auth)')
    .option('--token-name <name>', 'header or query parameter of the service token (default: by the auth)')
    .addOption(
      new Option('--token-in <place>', 'where the service token goes (default: by the auth)').choices([
        'header',
        'query',
      ]),
    )
    .option('--timeout <seconds>', 'how long to wait, 180 s at most', waitSeconds, 180)
    .option('--retry', 'call twice, as a workflow does that has lost the first answer')
    .option('--stream', 'have a streaming tool answer in pieces, as Coze’s cloud does')
    .addHelpText(
      'after',
      helpWith(
        [
          'As Coze: the plugin’s OpenAPI document is imported by Coze’s rules, the arguments go where it declares them, and of\n' +
            'the answer only what it declares is printed. Standard error names whatever was dropped or would fail in Coze.',
        ],
        ['hotlane call weather current --json \'{"city":"Beijing"}\'', 'what the model would see'],
        ['hotlane call weather current --json \'{"city":"Beijing"}\' --as execute', 'by the other contract'],
        ['hotlane call order-status get --json \'{"order_id":"1"}\' --bot 74 --conversation 75', 'in a chat'],
      ),
    )
    .action(async (plugin: string, tool: string, flags: CallFlags) => {
      const { callTool } = await import('./call.ts');
      await callTool(plugin, tool, flags, manifest);
    });
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('Expected a port from 0 to 65535.');
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 365 * 86_400) return value;
  throw new InvalidArgumentError('Expected a number of seconds.');
}

/** A workflow of Coze waits no longer. */
function waitSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 180) return value;
  throw new InvalidArgumentError('Expected a number of seconds, 180 at most.');
}

function times(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a number from 1 to 999.');
}
