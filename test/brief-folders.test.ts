import { globSync } from 'node:fs';
import { join } from 'node:path';
import { runBriefUnits } from './support/units.ts';

const plugins = join(import.meta.dirname, '../plugins');
const ofPlugins = globSync('*/*.test.ts', { cwd: plugins }).map((file) => join(plugins, file));

runBriefUnits(import.meta.dirname, ofPlugins);
