// Command nostr-khatru serves fiatjaf.com/nostr/khatru, the successor of github.com/fiatjaf/khatru, over LMDB.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"fiatjaf.com/nostr"
	"fiatjaf.com/nostr/eventstore/lmdb"
	"fiatjaf.com/nostr/khatru"
)

func main() {
	port := flag.Int("port", 3334, "port to listen on, on 127.0.0.1")
	dir := flag.String("dir", ".", "folder for the data")
	maxLimit := flag.Int("max-limit", 500, "events that one filter may return")
	auth := flag.Bool("auth", false, "refuse REQ, COUNT and EVENT of clients that are not authenticated")
	refuseKind := flag.Int("refuse-kind", -1, "refuse filters that name this kind")
	flag.Parse()

	path := filepath.Join(*dir, "events.lmdb")
	if err := os.MkdirAll(path, 0o755); err != nil {
		log.Fatal(err)
	}
	store := &lmdb.LMDBBackend{Path: path}
	if err := store.Init(); err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	relay := khatru.NewRelay()
	relay.Info.Name = "khatru's successor over lmdb"
	relay.UseEventstore(store, *maxLimit)
	if *auth {
		requireAuth(relay)
	}
	if *refuseKind >= 0 {
		refuse(relay, nostr.Kind(*refuseKind))
	}
	log.Fatal(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", *port), relay))
}

func requireAuth(relay *khatru.Relay) {
	refuse := func(ctx context.Context) (bool, string) {
		_, isAuthed := khatru.GetAuthed(ctx)
		return !isAuthed, "auth-required: authenticate first"
	}
	relay.OnRequest = func(ctx context.Context, _ nostr.Filter) (bool, string) { return refuse(ctx) }
	relay.OnCount = relay.OnRequest
	relay.OnEvent = func(ctx context.Context, _ nostr.Event) (bool, string) { return refuse(ctx) }
}

func refuse(relay *khatru.Relay, kind nostr.Kind) {
	relay.OnRequest = func(_ context.Context, filter nostr.Filter) (bool, string) {
		return slices.Contains(filter.Kinds, kind), "blocked: this kind is not served"
	}
}
