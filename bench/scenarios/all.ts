/** The scenarios in the order of the report. */
import { cpu } from './cpu.ts';
import { echo } from './echo.ts';
import { io } from './io.ts';
import { isolation } from './isolation.ts';
import { memory } from './memory.ts';
import { native } from './native.ts';
import { openLoop } from './open-loop.ts';
import type { Scenario } from './scenario.ts';
import { start } from './start.ts';

export const scenarios: readonly Scenario[] = [echo, native, cpu, io, isolation, openLoop, start, memory];
