package main

import (
	"context"

	"github.com/fiatjaf/eventstore"
	"github.com/fiatjaf/khatru"
	"github.com/nbd-wtf/go-nostr"
)

// stores keep each event in one of them, by its second, and are all asked for each filter.
type stores []eventstore.Store

func (s stores) serve(relay *khatru.Relay) {
	relay.StoreEvent = append(relay.StoreEvent, func(ctx context.Context, event *nostr.Event) error {
		return s.of(event).SaveEvent(ctx, event)
	})
	relay.ReplaceEvent = append(relay.ReplaceEvent, func(ctx context.Context, event *nostr.Event) error {
		return s.of(event).ReplaceEvent(ctx, event)
	})
	relay.DeleteEvent = append(relay.DeleteEvent, func(ctx context.Context, event *nostr.Event) error {
		return s.of(event).DeleteEvent(ctx, event)
	})
	for _, store := range s {
		relay.QueryEvents = append(relay.QueryEvents, store.QueryEvents)
		if counter, ok := store.(eventstore.Counter); ok {
			relay.CountEvents = append(relay.CountEvents, counter.CountEvents)
		}
	}
}

func (s stores) of(event *nostr.Event) eventstore.Store {
	return s[int(event.CreatedAt)%len(s)]
}
