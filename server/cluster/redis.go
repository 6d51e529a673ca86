package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

const (
	// redisTimeout is within how long Redis must answer. A server that does not counts as away.
	redisTimeout = 2 * time.Second
	// redisRetry is the time between two attempts to connect.
	redisRetry = 500 * time.Millisecond

	// maxOutgoing is how many commits wait to be published, maxIncoming how many events wait to be delivered. More are dropped.
	maxOutgoing = 1000
	maxIncoming = 10_000
	// publishedAtOnce is how many events one round trip publishes at the most, and subscribedAtOnce how many channels one command names.
	publishedAtOnce  = 200
	subscribedAtOnce = 500
)

// Redis notifies the other processes of events through Redis Pub/Sub, with a channel for each stream. While Redis is away nothing is
// notified, and no method waits for it.
type Redis struct {
	connection rueidis.ClientOption
	prefix     string // of the channels
	logger     *slog.Logger

	working  atomic.Bool
	dropped  atomic.Int64 // of outgoing and incoming
	outgoing chan []Event
	incoming chan Event
	patterns []string                      // of the channels of Listen
	listen   func(channel, message string) // is given their messages
	changed  chan struct{}                 // holds a value when wanted has changed

	mu     sync.Mutex
	wanted map[string]bool // the channels of the open streams
}

var errRedisAddress = errors.New("the address of Redis cannot be read")

// NewRedis returns notifications through the Redis at an address: redis://user:password@host:port/database, or rediss with TLS. With
// the parameter master_set the host, and each further one given as addr, is a Sentinel. Processes with the same prefix notify each
// other. Errors do not repeat the address, because it may hold a password.
func NewRedis(address, prefix string, logger *slog.Logger) (*Redis, error) {
	connection, err := redisConnection(address)
	if err != nil {
		return nil, err
	}
	return &Redis{
		connection: connection, prefix: prefix, logger: logger,
		outgoing: make(chan []Event, maxOutgoing), incoming: make(chan Event, maxIncoming), changed: make(chan struct{}, 1),
		wanted: make(map[string]bool),
	}, nil
}

func redisConnection(address string) (rueidis.ClientOption, error) {
	connection, err := rueidis.ParseURL(address)
	if err != nil {
		return connection, errRedisAddress
	}
	connection.Dialer.Timeout = redisTimeout
	connection.Dialer.KeepAlive = time.Second
	connection.ConnWriteTimeout = redisTimeout
	connection.DisableCache, connection.DisableRetry = true, true
	connection.PipelineMultiplex = -1
	connection.ForceSingleClient = connection.Sentinel.MasterSet == ""
	connection.Sentinel.Dialer, connection.Sentinel.TLSConfig = connection.Dialer, connection.TLSConfig
	return connection, nil
}

// CheckRedis returns why the Redis at an address cannot notify, or nil. Like those of NewRedis, errors do not repeat the address.
func CheckRedis(ctx context.Context, address string) error {
	connection, err := redisConnection(address)
	if err != nil {
		return err
	}
	client, err := rueidis.NewClient(connection)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer client.Close()
	return client.Do(ctx, client.B().Publish().Channel("attendance:check").Message("").Build()).Error()
}

// Listen has listen called, in order, with what others publish on the channels that match patterns, while the Reader runs. What is published
// while Redis is away is lost. Listen must not block. Call it before the Reader runs.
func (r *Redis) Listen(listen func(channel, message string), patterns ...string) {
	r.listen, r.patterns = listen, patterns
}

// Working tells whether events arrive.
func (r *Redis) Working() bool { return r.working.Load() }

// publish has events published later.
func (r *Redis) publish(events []Event) {
	if !r.working.Load() {
		return
	}
	select {
	case r.outgoing <- events:
	default:
		r.dropped.Add(1)
	}
}

func (r *Redis) subscribe(stream string)   { r.want(r.prefix+stream, true) }
func (r *Redis) unsubscribe(stream string) { r.want(r.prefix+stream, false) }

func (r *Redis) want(channel string, wanted bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if wanted {
		r.wanted[channel] = true
	} else {
		delete(r.wanted, channel)
	}
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// run connects again and again until ctx ends. Receive is given what arrives, and changed is called when Working changes.
func (r *Redis) run(ctx context.Context, receive func([]Event), changed func()) {
	var receiving sync.WaitGroup
	defer receiving.Wait()
	receiving.Go(func() { r.receive(ctx, receive) })
	warned := false
	for ctx.Err() == nil {
		err := r.connected(ctx, func() {
			r.logger.Info("notifications through Redis work")
			warned = false
			r.working.Store(true)
			changed()
		})
		if r.working.Swap(false) {
			changed()
		}
		if err != nil && !warned && ctx.Err() == nil {
			warned = true
			r.logger.Warn("notifications through Redis do not work; polling finds the other nodes' commits", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(redisRetry):
		}
	}
}

// connected subscribes and publishes on one connection until that breaks. It makes a client of its own: after a failover the Sentinels
// are asked anew.
func (r *Redis) connected(ctx context.Context, works func()) error {
	client, err := rueidis.NewClient(r.connection)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer client.Close()
	subscriber, release := client.Dedicate()
	defer release()
	broken := subscriber.SetPubSubHooks(rueidis.PubSubHooks{OnMessage: r.arrived})
	if err := r.subscribePatterns(ctx, subscriber); err != nil {
		return err
	}
	subscribed := map[string]bool{}
	if err := r.synchronize(ctx, subscriber, subscribed); err != nil {
		return err
	}
	works()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-broken:
			return fmt.Errorf("receive: %w", err)
		case <-r.changed:
			err = r.synchronize(ctx, subscriber, subscribed)
		case events := <-r.outgoing:
			err = r.send(ctx, client, events)
		}
		if err != nil {
			return err
		}
	}
}

func (r *Redis) subscribePatterns(ctx context.Context, subscriber rueidis.DedicatedClient) error {
	if len(r.patterns) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	if err := subscriber.Do(ctx, subscriber.B().Psubscribe().Pattern(r.patterns...).Build()).Error(); err != nil {
		return fmt.Errorf("subscribe to %s: %w", strings.Join(r.patterns, ", "), err)
	}
	return nil
}

// synchronize subscribes to the channels that are wanted, and no longer to others. The first time it also shows that Redis answers.
func (r *Redis) synchronize(ctx context.Context, subscriber rueidis.DedicatedClient, subscribed map[string]bool) error {
	r.mu.Lock()
	wanted := maps.Clone(r.wanted)
	r.mu.Unlock()
	wanted[r.prefix] = true // no stream's
	var commands rueidis.Commands
	for some := range slices.Chunk(missing(wanted, subscribed), subscribedAtOnce) {
		commands = append(commands, subscriber.B().Subscribe().Channel(some...).Build())
	}
	for some := range slices.Chunk(missing(subscribed, wanted), subscribedAtOnce) {
		commands = append(commands, subscriber.B().Unsubscribe().Channel(some...).Build())
	}
	clear(subscribed)
	maps.Copy(subscribed, wanted)
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	for _, command := range commands {
		if err := subscriber.Do(ctx, command).Error(); err != nil {
			return fmt.Errorf("subscribe: %w", err)
		}
	}
	return nil
}

// missing returns what is in one set and not in another.
func missing(in, notIn map[string]bool) []string {
	return slices.DeleteFunc(slices.Collect(maps.Keys(in)), func(key string) bool { return notIn[key] })
}

// send publishes events and what else waits by now, in one round trip.
func (r *Redis) send(ctx context.Context, client rueidis.Client, events []Event) error {
	var commands rueidis.Commands
	for more := true; more && len(commands) < publishedAtOnce; {
		for _, event := range events {
			commands = append(commands, client.B().Publish().Channel(r.prefix+event.Stream).Message(encodeNotification(event)).Build())
		}
		select {
		case events = <-r.outgoing:
		default:
			more = false
		}
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	for _, result := range client.DoMulti(ctx, commands...) {
		if err := result.Error(); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	return nil
}

// arrived takes a message in the goroutine that reads the connection.
func (r *Redis) arrived(message rueidis.PubSubMessage) {
	if message.Pattern != "" {
		r.listen(message.Channel, message.Message)
		return
	}
	stream, ok := strings.CutPrefix(message.Channel, r.prefix)
	if !ok {
		return
	}
	event, err := decodeNotification(stream, message.Message)
	if err != nil {
		r.logger.Debug("a notification cannot be read", "err", err)
		return
	}
	select {
	case r.incoming <- event:
	default:
		r.dropped.Add(1)
	}
}

// receive passes on what has arrived, as much as there is at once.
func (r *Redis) receive(ctx context.Context, receive func([]Event)) {
	var events []Event
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-r.incoming:
			events = append(events[:0], event)
		}
		for more := true; more && len(events) < publishedAtOnce; {
			select {
			case event := <-r.incoming:
				events = append(events, event)
			default:
				more = false
			}
		}
		receive(events)
	}
}

// encodeNotification returns an event as a message on its stream's channel: the number, a space, and the body.
func encodeNotification(event Event) string {
	return strconv.FormatInt(event.Seq, 10) + " " + string(event.Body)
}

func decodeNotification(stream, message string) (Event, error) {
	number, body, found := strings.Cut(message, " ")
	seq, err := strconv.ParseInt(number, 10, 64)
	if !found || err != nil || seq < 1 {
		return Event{}, fmt.Errorf("a message on the channel of %s does not begin with a number and a space", stream)
	}
	return Event{Stream: stream, Seq: seq, Body: []byte(body)}, nil
}
