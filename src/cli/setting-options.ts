/** The settings table as options of the command line. */
import { Option } from 'commander';
import { CONFIG_VARIABLE } from '../config/environment.ts';
import { flagOf, negatedFlagOf, SETTING_NAMES, SETTINGS, type SettingName } from '../config/setting-table.ts';

/**
 * The options for the settings of these names, all unless told, and for the file. They leave the values as they are typed: checking is done with the other
 * sources, so that all problems come out at once.
 */
export function settingOptions(names: readonly SettingName[] = SETTING_NAMES): Option[] {
  const config = new Option(
    '--config <file>',
    `JSON file with settings (env ${CONFIG_VARIABLE}; default ./hotlane.config.json if there is one)`,
  );
  return [config, ...names.filter((name) => !SETTINGS[name].kind.secret).flatMap(optionsOf)];
}

function optionsOf(name: SettingName): Option[] {
  const { kind, help, defaultInWords } = SETTINGS[name];
  const facts = [kind.range, defaultInWords && `default ${defaultInWords}`].filter(Boolean);
  const description = facts.length > 0 ? `${help} (${facts.join('; ')})` : help;
  const flag = flagOf(name);
  if (kind.placeholder !== undefined) return [new Option(`${flag} <${kind.placeholder}>`, description)];
  // Turns off what the file, the environment or the command has turned on.
  const negated = new Option(negatedFlagOf(name)).hideHelp();
  return [new Option(flag, description), negated];
}
