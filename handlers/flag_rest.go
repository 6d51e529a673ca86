package handlers

import (
	"context"

	"github.com/neuracampus/attendance/models"
)

type flagsReply struct {
	Flags []listedFlag `json:"flags" doc:"Oldest first, dismissed ones too"`
}

// listedFlag is a flag with what became of it.
type listedFlag struct {
	ID int64 `json:"id" doc:"1, 2, 3 … in the session"`
	flag
	Dismissal *dismissal `json:"dismissal" doc:"Null: it is not dismissed"`
}

type dismissal struct {
	DismissedAt models.Timestamp `json:"dismissedAt"`
	DismissedBy models.ID        `json:"dismissedBy"`
	Reason      string           `json:"reason"`
}

func dismissalOf(f models.Flag) *dismissal {
	if f.DismissedAt == 0 {
		return nil
	}
	return &dismissal{f.DismissedAt, f.DismissedBy, f.Reason}
}

func (h *Handlers) listFlags(ctx context.Context, actor models.Actor, in ofSession) (flagsReply, error) {
	flags, err := h.store.Flags(ctx, actor, in.SessionID)
	return flagsReply{mapped(flags, func(f models.Flag) listedFlag { return listedFlag{f.Number, flagOf(f), dismissalOf(f)} })}, err
}

type dismissRequest struct {
	ofSession
	FlagID int64      `path:"flagId"`
	Body   reasonBody `body:"application/json"`
}

type reasonBody struct {
	Reason string `json:"reason" doc:"At most 500 characters; it stays with the flag"`
}

func (h *Handlers) dismissFlag(ctx context.Context, actor models.Actor, in dismissRequest) (noContent, error) {
	return noContent{}, h.store.DismissFlag(ctx, actor, in.SessionID, in.FlagID, in.Body.Reason)
}
