import { runUnits } from '../support/units.ts';

runUnits(import.meta.dirname);
