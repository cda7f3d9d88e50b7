// Command khatru serves github.com/fiatjaf/khatru, as the library it is, over one of two event stores:
// SQLite, which hands over row by row, or LMDB, which collects a filter's answer first.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"

	"github.com/fiatjaf/eventstore"
	"github.com/fiatjaf/eventstore/lmdb"
	"github.com/fiatjaf/eventstore/sqlite3"
	"github.com/fiatjaf/khatru"
)

func main() {
	port := flag.Int("port", 3334, "port to listen on, on 127.0.0.1")
	dir := flag.String("dir", ".", "folder for the data")
	kind := flag.String("store", "sqlite", "sqlite or lmdb")
	split := flag.Bool("split", false, "keep the events in two stores, both of which are asked for each filter")
	var declared policy
	flag.BoolVar(&declared.auth, "auth", false, "refuse REQ, COUNT and EVENT of clients that are not authenticated")
	flag.IntVar(&declared.ownKind, "own-kind", -1, "refuse filters that name this kind unless the authenticated key is their one author")
	flag.IntVar(&declared.refuseKind, "refuse-kind", -1, "refuse filters that name this kind")
	flag.IntVar(&declared.hideKind, "hide-kind", -1, "take this kind out of filters before they are answered")
	flag.Parse()

	names := []string{"events"}
	if *split {
		names = append(names, "more")
	}
	var kept stores
	for _, name := range names {
		store, err := open(*kind, filepath.Join(*dir, name))
		if err != nil {
			log.Fatal(err)
		}
		defer store.Close()
		kept = append(kept, store)
	}

	relay := khatru.NewRelay()
	relay.Info.Name = "khatru over " + *kind
	kept.serve(relay)
	declared.apply(relay)
	address := fmt.Sprintf("127.0.0.1:%d", *port)
	log.Fatal(http.ListenAndServe(address, relay))
}

func open(kind, path string) (eventstore.Store, error) {
	var store eventstore.Store
	switch kind {
	case "sqlite":
		store = &sqlite3.SQLite3Backend{DatabaseURL: path + ".sqlite"}
	case "lmdb":
		if err := os.MkdirAll(path+".lmdb", 0o755); err != nil {
			return nil, err
		}
		store = &lmdb.LMDBBackend{Path: path + ".lmdb"}
	default:
		return nil, fmt.Errorf("-store is sqlite or lmdb, not %q", kind)
	}
	return store, store.Init()
}
