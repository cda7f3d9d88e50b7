package main

import (
	"context"
	"slices"

	"github.com/fiatjaf/khatru"
	"github.com/nbd-wtf/go-nostr"
)

// policy is what the relay declares, in hooks as the library's users write them.
type policy struct {
	// Refuse REQ, COUNT and EVENT of clients that are not authenticated.
	auth bool
	// Refuse filters that name this kind, unless the authenticated key is their one author; -1 for none.
	ownKind int
	// Refuse filters that name this kind, whoever asks; -1 for none.
	refuseKind int
	// Take this kind out of filters before they are answered; -1 for none.
	hideKind int
}

func (p policy) apply(relay *khatru.Relay) {
	relay.OverwriteFilter = append(relay.OverwriteFilter, p.hide)
	relay.RejectFilter = append(relay.RejectFilter, p.refuse)
	relay.RejectCountFilter = append(relay.RejectCountFilter, p.refuse)
	relay.RejectEvent = append(relay.RejectEvent, func(ctx context.Context, _ *nostr.Event) (bool, string) {
		return p.auth && khatru.GetAuthed(ctx) == "", "auth-required: authenticate first"
	})
}

func (p policy) hide(_ context.Context, filter *nostr.Filter) {
	if !slices.Contains(filter.Kinds, p.hideKind) {
		return
	}
	filter.Kinds = slices.DeleteFunc(slices.Clone(filter.Kinds), func(kind int) bool { return kind == p.hideKind })
	filter.LimitZero = len(filter.Kinds) == 0
}

func (p policy) refuse(ctx context.Context, filter nostr.Filter) (bool, string) {
	authed := khatru.GetAuthed(ctx)
	if p.auth && authed == "" {
		return true, "auth-required: authenticate first"
	}
	if slices.Contains(filter.Kinds, p.refuseKind) {
		return true, "blocked: this kind is not served"
	}
	isOwn := authed != "" && len(filter.Authors) == 1 && filter.Authors[0] == authed
	if slices.Contains(filter.Kinds, p.ownKind) && !isOwn {
		return true, "restricted: this kind is for its author"
	}
	return false, ""
}
