import type { RoundProgress } from '../load/protocol.js';
import type { Results } from '../results.js';

/** Who follows a run while it goes on. */
export interface RunWatch {
  /** Something is made ready: the corpus is signed, the oracle asked. */
  onPreparing(what: string, done?: number, of?: number): void;
  /**
   * A relay's part of a round begins; `part` counts from 1, over all rounds and relays. Parts that are played in turns begin
   * together, under the names of all relays.
   */
  onRelay(part: { readonly round: number; readonly relay: string; readonly part: number }): void;
  /** Within a part; comes often. */
  onLoad(progress: RoundProgress): void;
  /** The measured window of a relay opens or closes, whose process listens under `pid` where that is known. */
  onWindow?(open: boolean, pid: number | undefined): void;
  /** Something that the user should see now; hostile text where it quotes a relay. */
  onNotice(text: string): void;
  /**
   * A round but the last has ended; `results` hold all rounds so far, so that nothing measured is ever lost. Without it
   * they are not put together, which takes longer the more rounds there are.
   */
  onRound?(results: Results): Promise<void>;
}
