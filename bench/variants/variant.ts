/** A server the benchmark measures: how to start it and what it is called in the report. */

export interface Variant {
  /** Short and unique: `inline`, `hotlane-2`, … */
  readonly name: string;
  /** What it is, for the report. */
  readonly title: string;
  /** Arguments for node. `adminPort` is a second free port for those that need one. */
  args(port: number, adminPort: number): readonly string[];
  /** Path on the admin port that answers 200 once the server is fully up; without one, its first answer counts. */
  readonly readyPath?: string;
  /** `Server.resources` will be asked for: the server is started with a module that answers. */
  readonly tellsResources?: boolean;
}
