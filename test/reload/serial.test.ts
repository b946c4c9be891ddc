import { runSerially } from '../support/units.ts';

runSerially(import.meta.dirname);
