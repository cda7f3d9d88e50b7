import type { RelaySettings } from '../relay.js';

/** What the process of a reference relay is told. */
export interface HostConfig {
  readonly name: string;
  /** `streaming`, `batched`, or the absolute path of a module whose default export is a strategy. */
  readonly strategy: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly settings: RelaySettings;
  readonly preloadFile?: string | undefined;
  /** The data folder of a store on disk. */
  readonly dataDir?: string | undefined;
}
