/** Asks hotlane's admin port what serves, and makes operators' requests. */
import type { ActionReport, PluginView, VersionView } from '../../src/reload/control.ts';

export type PluginAction = 'reload' | 'rollback' | 'activate' | 'deactivate';

/** No action takes longer; in milliseconds. */
const patienceMs = 30_000;

export class AdminClient {
  private readonly origin: string;

  constructor(port: number) {
    this.origin = `http://127.0.0.1:${port}`;
  }

  async plugins(): Promise<readonly PluginView[]> {
    const answer: { readonly plugins: readonly PluginView[] } = JSON.parse(await this.text('/plugins'));
    return answer.plugins;
  }

  /** Rejects when there is no such plugin. */
  async plugin(name: string): Promise<PluginView> {
    const answer: PluginView = JSON.parse(await this.text(`/plugins/${name}`));
    return answer;
  }

  /** The kept versions, newest first. */
  async versions(plugin: string): Promise<readonly VersionView[]> {
    const answer: { readonly versions: readonly VersionView[] } = JSON.parse(
      await this.text(`/plugins/${plugin}/versions`),
    );
    return answer.versions;
  }

  /** Resolves when it is over, however it ended. */
  async act(plugin: string, action: PluginAction, body: object = {}): Promise<ActionReport> {
    const response = await fetch(`${this.origin}/plugins/${plugin}/${action}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Hotlane-Admin': '1' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
    const report: ActionReport = JSON.parse(await response.text());
    return report;
  }

  private async text(path: string): Promise<string> {
    const response = await fetch(`${this.origin}${path}`, { signal: AbortSignal.timeout(patienceMs) });
    const text = await response.text();
    if (!response.ok) throw new Error(`the admin port answers ${response.status} to ${path}: ${text}`);
    return text;
  }
}
