/** A running server as the commands see it: a real admin port, and plugins on paper behind it. */
import type { Test } from 'tap';
import { AdminServer } from '../../src/admin/admin-server.ts';
import { pluginEndpoints } from '../../src/admin/plugin-endpoints.ts';
import { type Script, type ScriptedControl, scriptedControl } from '../admin/scripted-control.ts';

export interface Running {
  readonly control: ScriptedControl;
  readonly server: AdminServer;
  readonly port: number;
  /** The flag that names it. */
  readonly admin: readonly [string, string];
}

/** Runs until the test is over. */
export async function running(t: Test, script: Script = {}): Promise<Running> {
  const control = scriptedControl(script);
  const server = new AdminServer(pluginEndpoints(control));
  const port = await server.listen('127.0.0.1', 0);
  t.teardown(() => server.close());
  return { control, server, port, admin: ['--admin', `http://127.0.0.1:${port}`] };
}
