package models

import "context"

// ResumeRequest names a class that a user was in, and the last moment at which their connection surely received its broadcasts.
type ResumeRequest struct {
	ClassID ID
	Since   Timestamp
}

// ResumeResult is what a user who comes back to a class needs to know.
type ResumeResult struct {
	JoinResult
	Ended []Session // the sessions that ended meanwhile, the earliest first
	Err   error     // why they may no longer be in the class; the rest is zero then
}

// Resume checks that actor may still be in classes in which they were. For each, in the same order, it returns what is active there and
// what ended meanwhile. Unlike Join it makes no class and changes no roster. The classes are looked up together.
// What it returns has been published.
func (s *Store) Resume(ctx context.Context, actor Actor, requests []ResumeRequest) ([]ResumeResult, error) {
	if len(requests) == 0 {
		return nil, nil
	}
	lookups := make([]*lookupRequest, len(requests))
	for i, r := range requests {
		lookups[i] = newLookupRequest(ctx, actor, r.ClassID, r.Since)
	}
	if !s.lookups.Add(allLookups, lookups...) {
		return nil, ErrClosed
	}
	results := make([]ResumeResult, len(requests))
	for i, l := range lookups {
		found, err := s.await(ctx, l)
		if err != nil {
			return nil, err
		}
		joined, err := s.joinResult(actor, found)
		results[i] = ResumeResult{JoinResult: joined, Err: err}
		if err == nil {
			results[i].Ended = found.ended
		}
		for j := range results[i].Ended {
			results[i].Ended[j].ClassID = found.class.ID
		}
	}
	s.awaitPublished()
	return results, nil
}
