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

// rootCollator returns the collator, which compares texts as the Unicode Collation Algorithm's root does: upper and lower case and letters with accents
// together, numbers by their value. The page's order is the same (public/src/shared/order.ts, order.json). There is one collator,
// because its tables take 2 MB. It is not safe for concurrent use, so collatorMu guards it.
var (
	collatorMu   sync.Mutex
	rootCollator = sync.OnceValue(func() *collate.Collator { return collate.New(language.Und, collate.Numeric) })
)

// keysAtOnce is how many keys a list gets before other lists may use the collator: about two milliseconds.
const keysAtOnce = 1000

// sortable is an element of a list with what it is sorted by.
type sortable[E any] struct {
	key     []byte
	id      string
	element E
}

// SortByName sorts a list as it is shown: by name or, where there is none, by id; then by id.
func SortByName[E any](list []E, of func(E) (name string, id ID)) {
	sorted := make([]sortable[E], 0, len(list))
	var keys collate.Buffer
	for some := range slices.Chunk(list, keysAtOnce) {
		collatorMu.Lock()
		for _, element := range some {
			name, id := of(element)
			sorted = append(sorted, sortable[E]{rootCollator().KeyFromString(&keys, cmp.Or(name, id.Key)), id.Key, element})
		}
		collatorMu.Unlock()
	}
	slices.SortStableFunc(sorted, func(a, b sortable[E]) int {
		if order := bytes.Compare(a.key, b.key); order != 0 {
			return order
		}
		return compareIDs(a.id, b.id)
	})
	for i := range sorted {
		list[i] = sorted[i].element
	}
}

func compareIDs(a, b string) int {
	collatorMu.Lock()
	defer collatorMu.Unlock()
	return cmp.Or(rootCollator().CompareString(a, b), strings.Compare(a, b))
}

// sortByID sorts by id: "student-2" before "student-10".
func sortByID[E any](list []E, of func(E) ID) {
	SortByName(list, func(element E) (string, ID) { return "", of(element) })
}
