/**
 * Lets plugin folders anywhere import `hotlane/plugin`: the name always means this server's own API,
 * whatever node_modules the folder can or cannot see.
 */
import { registerHooks } from 'node:module';

const NAME = 'hotlane/plugin';

/** Once per thread, before the first plugin is imported. */
export function providePluginApi(): void {
  const url = import.meta.resolve(NAME);
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === NAME ? { url, shortCircuit: true } : next(specifier, context),
  });
}
