/** The commands that speak to a running server. What a command does is imported when it is called for. */
import { type Command, Option } from 'commander';
import type { Manifest } from '../config/manifest.ts';
import { help } from './command-help.ts';
import type { Action } from './perform-action.ts';
import { settingOptions } from './setting-options.ts';
import type { ShowFlags } from './show-plugins.ts';

/** The commands, without their options: those are only needed for the one that is called. */
export function addOperatorCommands(program: Command, manifest: Manifest): ReadonlySet<Command> {
  const perform = async (action: Action, flags: ShowFlags): Promise<void> => {
    const { performAction } = await import('./perform-action.ts');
    await performAction(action, flags, manifest);
  };
  const plugins = program
    .command('plugins')
    .description('List the plugins of a running server: state, version, calls, and what was rejected.')
    .addHelpText(
      'after',
      help(
        ['hotlane plugins', 'of the server on this machine'],
        ['hotlane plugins --admin http://10.0.0.7:9090', 'of another one'],
        ["hotlane plugins --json | jq '.plugins[].state'", 'for programs'],
      ),
    )
    .action(async (flags: ShowFlags) => {
      const { showPlugins } = await import('./show-plugins.ts');
      await showPlugins(flags, manifest);
    });
  const versions = program
    .command('versions')
    .argument('<plugin>', 'name of the plugin')
    .description('List the kept versions of a plugin, newest first.')
    .addHelpText('after', help(['hotlane versions greet', 'where a rollback of greet could go']))
    .action(async (plugin: string, flags: ShowFlags) => {
      const { showVersions } = await import('./show-plugins.ts');
      await showVersions(plugin, flags, manifest);
    });
  const reload = program
    .command('reload')
    .argument('[plugin]', 'name of the plugin; without it, all')
    .description('Have the server look at the disk now and roll what has changed.')
    .addHelpText(
      'after',
      help(
        ['hotlane reload', 'every plugin whose files have changed'],
        ['hotlane reload greet', 'this one'],
        ['hotlane reload greet --json', 'the report for programs'],
      ),
    )
    .action((plugin: string | undefined, flags: ShowFlags) => perform({ verb: 'reload', plugin }, flags));
  const rollback = program
    .command('rollback')
    .argument('<plugin>', 'name of the plugin')
    .argument('[hash]', 'beginning of the version’s hash; without it, the last good one before the present')
    .description('Go back to an earlier version of a plugin, and stay there until its folder changes.')
    .addHelpText(
      'after',
      help(
        ['hotlane rollback greet', 'to the last good version'],
        ['hotlane rollback greet 3f2a91', 'to this one, as `hotlane versions greet` lists it'],
      ),
    )
    .action((plugin: string, hash: string | undefined, flags: ShowFlags) =>
      perform({ verb: 'rollback', plugin, hash }, flags),
    );
  const rest = ONE_PLUGIN.map(({ verb, description, example }) =>
    program
      .command(verb)
      .argument('<plugin>', 'name of the plugin')
      .description(description)
      .addHelpText('after', help([`hotlane ${verb} greet`, example]))
      .action((plugin: string, flags: ShowFlags) => perform({ verb, plugin }, flags)),
  );
  return new Set([plugins, versions, reload, rollback, ...rest, ...grantCommands(program, manifest)]);
}

/** A user's consent to Coze. */
function grantCommands(program: Command, manifest: Manifest): readonly Command[] {
  const grant = program
    .command('grant')
    .argument('<user>', 'id of the user, as Coze sends it')
    .description('Tell whether a user has consented to calls of Coze’s API.')
    .addHelpText('after', help(['hotlane grant 7400000000000000001', 'of the server on this machine']))
    .action(async (user: string, flags: ShowFlags) => {
      const { showGrant } = await import('./grant.ts');
      await showGrant(user, flags, manifest);
    });
  const forget = program
    .command('forget')
    .argument('<user>', 'id of the user, as Coze sends it')
    .description('Delete a user’s consent here; the user is asked again when a plugin needs it.')
    .addHelpText(
      'after',
      help(['hotlane forget 7400000000000000001', 'also where the key it was encrypted with is lost']),
    )
    .action(async (user: string, flags: ShowFlags) => {
      const { forgetGrant } = await import('./grant.ts');
      await forgetGrant(user, flags, manifest);
    });
  return [grant, forget];
}

const ONE_PLUGIN = [
  {
    verb: 'activate',
    description: 'Serve a plugin again that was deactivated.',
    example: 'calls to greet are answered again',
  },
  {
    verb: 'deactivate',
    description: 'Answer all calls to a plugin with 503; its code stays loaded.',
    example: 'until `hotlane activate greet`',
  },
  {
    verb: 'unload',
    description: 'Roll the workers onto code without a plugin.',
    example: 'greet leaves every worker; its folder stays',
  },
] as const;

/** The options each of them takes. */
export function operatorOptions(): Option[] {
  const json = new Option('--json', 'print the server’s answer as it is, in JSON');
  return [adminOption(), json, ...settingOptions(['adminHost', 'adminPort'])];
}

/** Which server a command speaks to. */
export function addressOptions(): Option[] {
  return [adminOption(), ...settingOptions(['adminHost', 'adminPort'])];
}

function adminOption(): Option {
  const whence = 'admin address of the server (default: adminHost and adminPort of the settings)';
  return new Option('--admin <url>', whence).conflicts(['config', 'adminHost', 'adminPort']);
}
