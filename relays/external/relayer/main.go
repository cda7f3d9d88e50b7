// Command relayer serves github.com/fiatjaf/relayer, the framework before khatru, over SQLite.
package main

import (
	"context"
	"flag"
	"log"
	"path/filepath"

	"github.com/fiatjaf/eventstore"
	"github.com/fiatjaf/eventstore/sqlite3"
	"github.com/fiatjaf/relayer/v2"
	"github.com/nbd-wtf/go-nostr"
)

type relay struct {
	store *sqlite3.SQLite3Backend
}

func (relay) Name() string                                   { return "relayer over sqlite" }
func (relay) Init() error                                    { return nil }
func (relay) AcceptEvent(context.Context, *nostr.Event) bool { return true }
func (r relay) Storage(context.Context) eventstore.Store     { return r.store }

func main() {
	port := flag.Int("port", 7447, "port to listen on, on 127.0.0.1")
	dir := flag.String("dir", ".", "folder for the data")
	flag.Parse()

	server, err := relayer.NewServer(relay{&sqlite3.SQLite3Backend{DatabaseURL: filepath.Join(*dir, "events.sqlite")}})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(server.Start("127.0.0.1", *port))
}
