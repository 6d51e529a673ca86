package models

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// MaxListed is the number of classes or sessions that one call lists. Others can make these lists long: a teacher may put a student
// on the rosters of any number of classes.
const MaxListed = 5000

// Classes lists the classes that actor teaches, or is on the roster of, archived ones last, then by name: at most MaxListed, those
// in use before archived ones, and newer ones before older ones.
func (s *Store) Classes(ctx context.Context, actor Actor) ([]Class, error) {
	query := s.read.WithContext(ctx)
	if actor.ActsAsTeacher() {
		query = query.Where("owner_key = ? OR class_key IN (SELECT class_key FROM class_teachers WHERE teacher_key = ?)", actor.ID.Key, actor.ID.Key)
	} else {
		query = query.Where("class_key IN (SELECT class_key FROM enrolments WHERE student_key = ? AND removed_at = 0)", actor.ID.Key)
	}
	classes := []Class{}
	err := query.Order("archived_at > 0, made_at DESC, class_key").Limit(MaxListed).Find(&classes).Error
	SortByName(classes, func(c Class) (string, ID) { return c.Name, c.ID })
	slices.SortStableFunc(classes, func(a, b Class) int { return cmp.Compare(min(a.ArchivedAt, 1), min(b.ArchivedAt, 1)) })
	return classes, s.failure(ctx, "list classes", err)
}

// ClassesRequest asks for a page of all classes.
type ClassesRequest struct {
	After ID // ClassPage.Next of the page before; zero: the first page

	// Search is a part of the id or of the name of the class, or of the id of one of its teachers, in upper or lower case; empty: all
	// classes.
	Search string

	// NotTakenToday leaves out archived classes and those that had a session today.
	NotTakenToday bool
}

// ClassPage is a page of all classes, by id.
type ClassPage struct {
	Classes []Class
	Next    ID  // zero: this is the last page
	Total   int // on all pages
}

// ClassesOnPage is the number of classes on a page.
const ClassesOnPage = 100

// AllClasses returns a page of all classes to an administrator.
func (s *Store) AllClasses(ctx context.Context, actor Actor, req ClassesRequest) (ClassPage, error) {
	switch {
	case !s.isAdmin(actor):
		return ClassPage{}, ErrSearchRole
	case !validText(req.Search, maxName):
		return ClassPage{}, ErrInvalidSearch
	}
	keys, err := s.classKeys(ctx, req)
	if err != nil {
		return ClassPage{}, s.failure(ctx, "list all classes", err)
	}
	page := ClassPage{Classes: []Class{}, Total: len(keys)}
	first, found := slices.BinarySearch(keys, req.After.Key)
	if found {
		first++
	}
	keys = keys[first:]
	if len(keys) > ClassesOnPage {
		keys = keys[:ClassesOnPage]
		page.Next = ID{Key: keys[ClassesOnPage-1]}
	}
	err = s.read.WithContext(ctx).Where("class_key IN ?", keys).Order("class_key").Find(&page.Classes).Error
	return page, s.failure(ctx, "list all classes", err)
}

// classKeys returns the keys of all classes that req asks for, sorted. The names are compared here, because the databases do not agree
// on upper and lower case.
func (s *Store) classKeys(ctx context.Context, req ClassesRequest) ([]string, error) {
	db := s.read.WithContext(ctx)
	var found []struct{ ClassKey, Name, OwnerKey string }
	query := db.Model(&Class{}).Select("class_key", "name", "owner_key")
	if req.NotTakenToday {
		query = query.Where(`archived_at = 0 AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.class_key = classes.class_key AND s.day = ?)`, s.day(s.now()))
	}
	if err := query.Find(&found).Error; err != nil {
		return nil, err
	}
	matches := matcherOf(req.Search)
	taught := map[string]bool{}
	if req.Search != "" {
		var err error
		if taught, err = classesOfOthers(db, matches); err != nil {
			return nil, err
		}
	}
	keys := make([]string, 0, len(found))
	for _, class := range found {
		if taught[class.ClassKey] || matches(class.ClassKey) || matches(class.Name) || matches(class.OwnerKey) {
			keys = append(keys, class.ClassKey)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// matcherOf returns what tells whether a text has search in it, in upper or lower case.
func matcherOf(search string) func(text string) bool {
	wanted := strings.ToLower(search)
	return func(text string) bool { return strings.Contains(strings.ToLower(text), wanted) }
}

// classesOfOthers returns the classes that have a teacher beside the owner whose id matches.
func classesOfOthers(db *gorm.DB, matches func(text string) bool) (map[string]bool, error) {
	var teachers []ClassTeacher
	if err := db.Select("class_key", "teacher_key").Find(&teachers).Error; err != nil {
		return nil, err
	}
	classes := make(map[string]bool)
	for _, teacher := range teachers {
		if matches(teacher.TeacherID.Key) {
			classes[teacher.ClassKey] = true
		}
	}
	return classes, nil
}

// Class returns one class to its members, its id in the form in which it was made.
func (s *Store) Class(ctx context.Context, actor Actor, classID ID) (Class, error) {
	class, err := s.visible(s.read.WithContext(ctx), actor, classID)
	return class, s.failure(ctx, "read a class", err)
}
