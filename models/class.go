package models

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// maxName is the length of names in characters.
const maxName = 200

// Class is a course whose attendance is taken. Its other teachers are in ClassTeacher.
type Class struct {
	ID         ID     `gorm:"embedded;embeddedPrefix:class_"`
	Name       string // empty for a class that was made by a join
	Owner      ID     `gorm:"embedded;embeddedPrefix:owner_"` // zero until its first teacher came (open mode)
	MadeAt     Timestamp
	ArchivedAt Timestamp // zero: in use
	LastAt     Timestamp // the latest timestamp given out for this class
	Visibility Visibility
	// RewrittenAt is when records of the class last changed other than by marks.
	RewrittenAt Timestamp
	Rules       Rules `gorm:"embedded"` // of the sessions that are started in it
	Seq         int64 `gorm:"->"`       // of the class's last event in the log; zero without Options.Cluster
	RoomSeq     int64 `gorm:"-"`        // of the last event of its room, where a lookup has read it
}

// CreateClass makes a class that actor owns.
func (s *Store) CreateClass(ctx context.Context, actor Actor, classID ID, name string) (Class, error) {
	return s.CreateClassFor(ctx, actor, actor.ID, classID, name)
}

// CreateClassFor makes a class that owner owns, which for teachers is themselves.
func (s *Store) CreateClassFor(ctx context.Context, actor Actor, owner, classID ID, name string) (Class, error) {
	switch {
	case !actor.ActsAsTeacher():
		return Class{}, ErrOnlyTeachers
	case actor.Role != RoleAdmin && !owner.Is(actor.ID):
		return Class{}, ErrOnlyAdmins
	case !owner.addressable():
		return Class{}, ErrIDNotAddressable
	}
	name = VisibleName(name)
	if !validText(name, maxName) {
		return Class{}, ErrInvalidName
	}
	if !classID.addressable() {
		return Class{}, ErrIDNotAddressable
	}
	class := Class{ID: classID, Name: name, Owner: owner, MadeAt: s.now(), Visibility: VisibilityClass}
	err := s.change(ctx, "create a class", func(tx *gorm.DB) (func(), error) {
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&class)
		if made.Error == nil && made.RowsAffected == 0 {
			return nil, ErrClassExists
		}
		if made.Error != nil {
			return nil, made.Error
		}
		return nil, s.continueLog(tx, class)
	})
	if err != nil {
		return Class{}, err
	}
	return class, nil
}

// Visibility is what the students of a class see of each other.
type Visibility string

// The visibilities.
const (
	VisibilityClass Visibility = "class" // everything
	VisibilityOwn   Visibility = "own"   // nothing: what is told of a student is told to that student and to the teachers
)

// limits tells whether a user sees nothing of the other students of the class.
func (c Class) limits(actor Actor) bool {
	return c.Visibility == VisibilityOwn && !actor.ActsAsTeacher()
}

// ClassChange says what is to be different in a class. What is nil or zero stays as it is.
type ClassChange struct {
	Name  *string
	Owner ID // the class is handed over to this teacher; the one who owned it goes on teaching it

	Visibility Visibility  // what is published from now on goes by it
	Rules      RulesChange // sessions that have been started keep theirs
}

// ChangeClass changes a class that actor teaches. Only its owner hands it over, or an administrator.
func (s *Store) ChangeClass(ctx context.Context, actor Actor, classID ID, change ClassChange) (Class, error) {
	wanted := accessTeach
	if !change.Owner.IsZero() {
		wanted = accessOwn
		if !change.Owner.addressable() {
			return Class{}, ErrIDNotAddressable
		}
	}
	if change.Name != nil {
		visible := VisibleName(*change.Name)
		change.Name = &visible
		if !validText(visible, maxName) {
			return Class{}, ErrInvalidName
		}
	}
	if v := change.Visibility; v != "" && v != VisibilityClass && v != VisibilityOwn {
		return Class{}, ErrInvalidVisibility
	}
	if err := change.Rules.check(); err != nil {
		return Class{}, err
	}
	var class Class
	err := s.change(ctx, "change a class", func(tx *gorm.DB) (func(), error) {
		found, err := s.lockPermitted(tx, actor, wanted, classID)
		if err != nil {
			return nil, err
		}
		class = found.Class
		if change.Name != nil {
			class.Name = *change.Name
		}
		class.Rules = class.Rules.with(change.Rules)
		if err := handOver(tx, &class, change.Owner); err != nil {
			return nil, err
		}
		shown := change.Visibility != "" && change.Visibility != class.Visibility
		if shown {
			class.Visibility = change.Visibility
		}
		err = tx.Model(&Class{}).Where("class_key = ?", classID.Key).
			Select("name", "owner_key", "owner_number", "visibility", "proof", "late_after", "ends_after").Updates(&class).Error
		if err != nil || !shown {
			return nil, err
		}
		if err := noteRewrite(tx, classID); err != nil {
			return nil, err
		}
		return s.eventIn(tx, Event{ClassID: class.ID, Visibility: class.Visibility})
	})
	return class, err
}

// ArchiveClass takes actor's class out of use, or back into use. An archived class can be read, but not joined, and no
// session can be started in it. A class with an active session is ErrSessionActive.
func (s *Store) ArchiveClass(ctx context.Context, actor Actor, classID ID, archived bool) (Class, error) {
	var class Class
	err := s.change(ctx, "archive a class", func(tx *gorm.DB) (_ func(), err error) {
		if class, err = s.lockManaged(tx, actor, classID); err != nil || archived == (class.ArchivedAt != 0) {
			return nil, err
		}
		class.ArchivedAt = 0
		if archived {
			active, err := s.hasActiveSession(tx, classID)
			if err != nil {
				return nil, err
			}
			if active {
				return nil, ErrSessionActive
			}
			class.ArchivedAt = class.LastAt
		}
		return nil, tx.Model(&Class{}).Where("class_key = ?", classID.Key).Update("archived_at", class.ArchivedAt).Error
	})
	return class, err
}

func (s *Store) hasActiveSession(tx *gorm.DB, classID ID) (bool, error) {
	var active int64
	err := tx.Model(&Session{}).Where("class_key = ?", classID.Key).Where(s.ongoing(s.now())).Count(&active).Error
	return active > 0, err
}

// lock locks a class for the rest of the transaction and takes a timestamp for what is about to change in it. It is an
// UPDATE and not a SELECT … FOR UPDATE because SQLite has none, and because the timestamp needs an UPDATE anyway.
// A class that does not exist is left for the reading that follows to find.
func (s *Store) lock(tx *gorm.DB, classID ID) error {
	now := s.now()
	return tx.Exec("UPDATE classes SET "+nextTimestamp+" WHERE class_key = ?", now, now, classID.Key).Error
}

// nextTimestamp gives out a timestamp of a class: what the clock says (twice), but later than all before. So whoever has read the class at a
// timestamp has seen all changes up to it, and none after it.
const nextTimestamp = "last_at = CASE WHEN last_at < ? THEN ? ELSE last_at + 1 END"

// noteRewrite notes that records of a class, which is locked, have changed other than by marks: what clients have read before cannot be
// brought up to date by the marks since then.
func noteRewrite(tx *gorm.DB, classID ID) error {
	return tx.Exec("UPDATE classes SET rewritten_at = last_at WHERE class_key = ?", classID.Key).Error
}
