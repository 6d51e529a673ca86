package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/server/cluster"
	"github.com/neuracampus/attendance/server/emitter"
	"github.com/neuracampus/attendance/server/sockets"
)

// openCluster makes the server one of several on a database: it delivers what any of them commits. Call it before the first client
// connects.
func (a *App) openCluster(ctx context.Context, publisher *handlers.Publisher) error {
	if !a.settings.Cluster {
		return nil
	}
	var err error
	if a.redis, err = a.openRedis(ctx); err != nil {
		return err
	}
	if a.settings.RedisEmitter {
		a.redis.Listen(a.emit, emitter.Channels, emitter.Commands)
	}
	a.reader = cluster.NewReader(eventLog{a.store.Log()}, cluster.Options{
		Deliver: func(stream string, events []cluster.Event) (barrier bool) {
			if models.IsRoomStream(stream) {
				publisher.DeliverPresence(a.decodePresence(events))
				return false
			}
			return publisher.Deliver(a.decode(events)...)
		},
		Lost: func(stream string, reason cluster.Reason) {
			a.hub.CloseRoom(handlers.RoomOf(models.ID{Key: models.ClassOf(stream)}), string(reason))
		},
		Redis:  a.redis,
		Logger: a.logger,
	})
	publisher.Use(streams{a.reader})
	return nil
}

// openRedis returns nil if none is set. The channels have the name of the database, so that clusters can share a Redis.
func (a *App) openRedis(ctx context.Context) (*cluster.Redis, error) {
	if a.settings.RedisURL == "" {
		return nil, nil
	}
	id, err := a.store.DatabaseID(ctx)
	if err != nil {
		return nil, err
	}
	redis, err := cluster.NewRedis(string(a.settings.RedisURL), "attendance:"+id+":", a.logger)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	return redis, nil
}

// emit sends an event of another back end to the sockets in classes.
func (a *App) emit(channel, message string) {
	emit, err := emitter.Parse(channel, message, handlers.RoomOf(models.ID{}), a.settings.MaxPayload)
	if err != nil {
		a.ignored.Add(1)
		a.logger.Warn("a message of a Redis emitter is ignored", "err", err)
		return
	}
	to := sockets.Target{Rooms: emit.Rooms, Except: emit.Except, Limited: !handlers.ShowsOthers(emit.Event)}
	a.hub.Emit(to, emit.Event, emit.Arguments)
}

// decode leaves out what cannot be read, and counts it. The stream goes on behind it.
func (a *App) decode(entries []cluster.Event) []models.Event {
	events := make([]models.Event, 0, len(entries))
	for _, entry := range entries {
		event, unknown, err := models.DecodeEvent(entry.Body)
		if err != nil {
			a.skipped.Add(1)
			a.logger.Error("an event of the log is left out", "stream", entry.Stream, "seq", entry.Seq, "err", err)
			continue
		}
		if unknown {
			a.skipped.Add(1)
			a.logger.Warn("part of an event is left out because a newer version wrote it; upgrade this node")
		}
		events = append(events, event)
	}
	return events
}

// decodePresence leaves out events that cannot be read.
func (a *App) decodePresence(entries []cluster.Event) []models.PresenceEvent {
	events := make([]models.PresenceEvent, 0, len(entries))
	for _, entry := range entries {
		event, err := models.DecodePresence(entry.Body)
		if err != nil {
			a.skipped.Add(1)
			a.logger.Error("an event of a room is left out", "stream", entry.Stream, "seq", entry.Seq, "err", err)
			continue
		}
		events = append(events, event)
	}
	return events
}

// publish broadcasts what this server has committed; in a cluster, in the order of its stream.
func (a *App) publish(event models.Event, publisher *handlers.Publisher) {
	if a.reader != nil {
		a.reader.Commit([]cluster.Event{cluster.Event(event.Entry)})
		return
	}
	publisher.Deliver(event)
}

// pruneInterval is how often old events are removed from the log.
const pruneInterval = time.Minute

// prune removes old events from the log until ctx ends.
func (a *App) prune(ctx context.Context) {
	ticker := time.NewTicker(pruneInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := a.store.Log().Prune(ctx, a.settings.ClusterRetention); err != nil && ctx.Err() == nil {
			a.logger.Warn("old events stay in the log", "err", err)
		}
	}
}

// eventLog lets package cluster read the log of package models.
type eventLog struct{ models.EventLog }

var _ cluster.Log = eventLog{}

func (l eventLog) After(ctx context.Context, id int64, missing []int64, limit int) ([]cluster.Event, error) {
	entries, err := l.EventLog.After(ctx, id, missing, limit)
	return clusterEvents(entries), err
}

func (l eventLog) Of(ctx context.Context, stream string, seq int64, limit int) ([]cluster.Event, error) {
	entries, err := l.EventLog.Of(ctx, stream, seq, limit)
	return clusterEvents(entries), err
}

func clusterEvents(entries []models.LogEntry) []cluster.Event {
	events := make([]cluster.Event, len(entries))
	for i, entry := range entries {
		events[i] = cluster.Event(entry)
	}
	return events
}

// streams lets handlers enter the two streams of a class: its own and its room's.
type streams struct{ reader *cluster.Reader }

var _ handlers.Streams = streams{}

func (s streams) Join(ctx context.Context, class models.Class, join func()) (stale bool, err error) {
	room := models.RoomStreamOf(class.ID)
	err = s.reader.Join(ctx, room, class.RoomSeq, func() {})
	if err == nil {
		if err = s.reader.Join(ctx, models.StreamOf(class.ID), class.Seq, join); err != nil {
			s.reader.Leave(room)
		}
	}
	if errors.Is(err, cluster.ErrStale) {
		return true, nil
	}
	return false, err
}

func (s streams) Leave(classKey string) {
	class := models.ID{Key: classKey}
	s.reader.Leave(models.StreamOf(class))
	s.reader.Leave(models.RoomStreamOf(class))
}
