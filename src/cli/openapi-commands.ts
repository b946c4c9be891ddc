/** The commands around OpenAPI documents for Coze. What a command does is imported when it is called for. */
import { type Command, Option } from 'commander';
import type { Manifest } from '../config/manifest.ts';
import { helpWith } from './command-help.ts';
import type { LintFlags } from './lint.ts';
import type { OpenapiFlags } from './openapi.ts';
import { settingOptions } from './setting-options.ts';

/** The commands, without the options for settings. */
export function addOpenapiCommands(program: Command, manifest: Manifest): ReadonlySet<Command> {
  const openapi = program
    .command('openapi')
    .argument('<plugin>', 'name of the plugin')
    .description('Write what Coze imports a plugin from: openapi.yaml and ai_plugin.json.')
    .addOption(new Option('--for <platform>', 'who imports it').choices(['coze']).default('coze'))
    .option('--out <folder>', 'where to (default: coze/<plugin> in the current folder)')
    .option('--url <url>', 'where Coze reaches the server (default: publicUrl of the settings)')
    .option('--stdout', 'print the YAML document instead of writing files')
    .option('--json', 'print document, manifest and findings as JSON instead of writing files')
    .addHelpText(
      'after',
      helpWith(
        [
          'No server has to run: the plugin’s code is imported in a thread of its own; init and examples do not run.\n' +
            'What Coze cannot be told of a schema is listed on standard error. A tool with something impossible is\n' +
            'left out, and the exit code is 1; when none is left, nothing is written and it is 4.',
        ],
        ['hotlane openapi weather --url https://plugins.example.com', 'writes coze/weather/'],
        ['hotlane openapi weather --stdout | less', 'with publicUrl in the settings'],
        ["hotlane openapi weather --json | jq '.findings'", 'for programs'],
      ),
    )
    .action(async (plugin: string, flags: OpenapiFlags) => {
      const { exportPlugin } = await import('./openapi.ts');
      await exportPlugin(plugin, flags, manifest);
    });
  const lint = program
    .command('lint')
    .argument('[subject...]', 'plugins, or OpenAPI files in YAML or JSON; all plugins when there is none')
    .description('Check that Coze can import plugins, or any OpenAPI document, as they are meant.')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      helpWith(
        [
          'The exit code is 1 when something would not be imported or not be offered. Losses, such as a format that\n' +
            'Coze does not know, are listed and leave it at 0. What has a slash or a dot in it is a file.',
        ],
        ['hotlane lint', 'all plugins of the folder in the settings'],
        ['hotlane lint weather', 'this one'],
        ['hotlane lint petstore.yaml', 'a document from elsewhere, with line and column'],
        ["hotlane lint --json | jq '.errors'", 'for programs'],
      ),
    )
    .action(async (subjects: readonly string[], flags: LintFlags) => {
      const { lint: run } = await import('./lint.ts');
      await run(subjects, flags, manifest);
    });
  return new Set([openapi, lint]);
}

/** The options each of them takes. */
export function openapiOptions(): Option[] {
  return settingOptions(['plugins', 'probeTimeoutMs']);
}
