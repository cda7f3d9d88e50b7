/** What the tests use of nostr-fetch, whose own declarations don't resolve under Node's rules for ES modules. */
declare module 'nostr-fetch' {
  import type { NostrEvent } from 'nostr-tools/pure';

  interface Filter {
    readonly kinds?: number[];
  }

  export class NostrFetcher {
    static init(options: { readonly webSocketConstructor: unknown }): NostrFetcher;
    fetchAllEvents(
      relayUrls: string[],
      filter: Filter,
      timeRange: { readonly since?: number; readonly until?: number },
      options: { readonly sort?: boolean },
    ): Promise<NostrEvent[]>;
    fetchLatestEventsPerAuthor(
      authorsAndRelays: { readonly authors: string[]; readonly relayUrls: string[] },
      filter: Filter,
      limit: number,
    ): AsyncIterable<{ readonly author: string; readonly events: NostrEvent[] }>;
    shutdown(): void;
  }
}
