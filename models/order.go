package models

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// collators compare texts as the Unicode Collation Algorithm's root does: upper and lower case and letters with accents
// together, numbers by their value. The page's order is the same (public/src/shared/order.ts, order.json). They may not be
// used by two at a time.
var collators = sync.Pool{New: func() any { return collate.New(language.Und, collate.Numeric) }}

// SortByName sorts a list as it is shown: by name or, where there is none, by id; then by id.
func SortByName[E any](list []E, of func(E) (name string, id ID)) {
	collator := collators.Get().(*collate.Collator)
	defer collators.Put(collator)
	type keyed struct {
		key     []byte
		id      string
		element E
	}
	var keys collate.Buffer
	sorted := make([]keyed, len(list))
	for i, element := range list {
		name, id := of(element)
		sorted[i] = keyed{collator.KeyFromString(&keys, cmp.Or(name, id.Key)), id.Key, element}
	}
	slices.SortStableFunc(sorted, func(a, b keyed) int {
		if order := bytes.Compare(a.key, b.key); order != 0 {
			return order
		}
		return cmp.Or(collator.CompareString(a.id, b.id), strings.Compare(a.id, b.id))
	})
	for i := range sorted {
		list[i] = sorted[i].element
	}
}

// sortByID sorts by id: "student-2" before "student-10".
func sortByID[E any](list []E, of func(E) ID) {
	SortByName(list, func(element E) (string, ID) { return "", of(element) })
}
