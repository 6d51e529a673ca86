package models

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"unicode/utf8"
)

// TestSortByNameMatchesThePage sorts the list of the page's own test.
func TestSortByNameMatchesThePage(t *testing.T) {
	type person struct{ Name, ID string }
	text, err := os.ReadFile("../public/src/shared/order.json")
	if err != nil {
		t.Fatal(err)
	}
	var want []person
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	SortByName(got, func(p person) (string, ID) { return p.Name, ID{Key: p.ID} })
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d is %q, want %q", i, got[i], want[i])
		}
	}
}

func TestSortByIDComparesNumbersByValue(t *testing.T) {
	want := []string{"05", "5", "9", "10", "A1", "a2", "a10", "student-2", "student-10"}
	got := slices.Clone(want)
	slices.Sort(got)
	sortByID(got, func(id string) ID { return ID{Key: id} })
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzOrder checks that the order is one: whatever the list began as, it ends as the same.
func FuzzOrder(f *testing.F) {
	f.Add("a10", "a9", "")
	f.Add("Åse", "zed", "٣")
	f.Add("\u0301", "\u200b", "05")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		for _, text := range []string{a, b, c} {
			if len(text) > 4*maxName || !utf8.ValidString(text) {
				return
			}
		}
		list := []string{a, b, c}
		sorted := slices.Clone(list)
		sortByID(sorted, func(id string) ID { return ID{Key: id} })
		for range list {
			list = append(list[1:], list[0])
			again := slices.Clone(list)
			sortByID(again, func(id string) ID { return ID{Key: id} })
			if !slices.Equal(again, sorted) {
				t.Fatalf("%q becomes %q, and %q before", list, again, sorted)
			}
		}
	})
}

func BenchmarkSortByID(b *testing.B) {
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = "student-" + string(rune('a'+i%26)) + string(rune('0'+i%10))
	}
	b.ReportAllocs()
	for b.Loop() {
		sortByID(ids, func(id string) ID { return ID{Key: id} })
	}
}
