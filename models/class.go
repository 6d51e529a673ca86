package models

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// maxName is the length of names in characters.
const maxName = 200

// Class is a course whose attendance is taken, with the one teacher who manages it.
type Class struct {
	ID         ID     `gorm:"embedded;embeddedPrefix:class_"`
	Name       string // empty for a class that was made by a join
	Owner      ID     `gorm:"embedded;embeddedPrefix:owner_"` // zero until its first teacher came (open mode)
	MadeAt     Timestamp
	ArchivedAt Timestamp // zero: in use
	LastAt     Timestamp // the latest timestamp given out for this class
	Rules      Rules     `gorm:"embedded"` // of the sessions that are started in it
	Seq        int64     `gorm:"->"`       // of the class's last event in the log; zero without Options.Cluster
	RoomSeq    int64     `gorm:"-"`        // of the last event of its room, where a lookup has read it
}

// CreateClass makes a class of which actor is the teacher.
func (s *Store) CreateClass(ctx context.Context, actor Actor, classID ID, name string) (Class, error) {
	if actor.Role != RoleTeacher {
		return Class{}, ErrOnlyTeachers
	}
	name = VisibleName(name)
	if !validText(name, maxName) {
		return Class{}, ErrInvalidName
	}
	if !classID.addressable() {
		return Class{}, ErrIDNotAddressable
	}
	class := Class{ID: classID, Name: name, Owner: actor.ID, MadeAt: s.now()}
	err := s.change(ctx, "create a class", func(tx *gorm.DB) (func(), error) {
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&class)
		if made.Error == nil && made.RowsAffected == 0 {
			return nil, ErrClassExists
		}
		return nil, made.Error
	})
	if err != nil {
		return Class{}, err
	}
	return class, nil
}

// MaxListed is the number of classes or sessions that one call lists. Others can make these lists long: a teacher may put a student
// on the rosters of any number of classes.
const MaxListed = 5000

// Classes lists the classes that actor teaches, or is on the roster of, archived ones last, then by name: at most MaxListed, those
// in use before archived ones, and newer ones before older ones.
func (s *Store) Classes(ctx context.Context, actor Actor) ([]Class, error) {
	query := s.read.WithContext(ctx)
	if actor.Role == RoleTeacher {
		query = query.Where("owner_key = ?", actor.ID.Key)
	} else {
		query = query.Where("class_key IN (SELECT class_key FROM enrolments WHERE student_key = ? AND removed_at = 0)", actor.ID.Key)
	}
	classes := []Class{}
	err := query.Order("archived_at > 0, made_at DESC, class_key").Limit(MaxListed).Find(&classes).Error
	SortByName(classes, func(c Class) (string, ID) { return c.Name, c.ID })
	slices.SortStableFunc(classes, func(a, b Class) int { return cmp.Compare(min(a.ArchivedAt, 1), min(b.ArchivedAt, 1)) })
	return classes, s.failure("list classes", err)
}

// Class returns one class to its members, its id in the form in which it was made.
func (s *Store) Class(ctx context.Context, actor Actor, classID ID) (Class, error) {
	class, err := s.visible(s.read.WithContext(ctx), actor, classID)
	return class, s.failure("read a class", err)
}

// ClassChange says what is to be different in a class. What is nil stays as it is.
type ClassChange struct {
	Name  *string
	Rules RulesChange // sessions that have been started keep theirs
}

// ChangeClass changes actor's class.
func (s *Store) ChangeClass(ctx context.Context, actor Actor, classID ID, change ClassChange) (Class, error) {
	if change.Name != nil {
		visible := VisibleName(*change.Name)
		change.Name = &visible
		if !validText(visible, maxName) {
			return Class{}, ErrInvalidName
		}
	}
	if err := change.Rules.check(); err != nil {
		return Class{}, err
	}
	var class Class
	err := s.change(ctx, "change a class", func(tx *gorm.DB) (_ func(), err error) {
		if class, err = s.lockManaged(tx, actor, classID); err != nil {
			return nil, err
		}
		if change.Name != nil {
			class.Name = *change.Name
		}
		class.Rules = class.Rules.with(change.Rules)
		return nil, tx.Model(&Class{}).Where("class_key = ?", classID.Key).
			Select("name", "proof", "late_after", "ends_after").Updates(&class).Error
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
			var active int64
			err := tx.Model(&Session{}).Where("class_key = ?", classID.Key).Where(s.ongoing(s.now())).Count(&active).Error
			if err != nil {
				return nil, err
			}
			if active > 0 {
				return nil, ErrSessionActive
			}
			class.ArchivedAt = class.LastAt
		}
		return nil, tx.Model(&Class{}).Where("class_key = ?", classID.Key).Update("archived_at", class.ArchivedAt).Error
	})
	return class, err
}

// visible returns a class, its id in the form in which it was made, to those who may know of it: its teacher, students
// on its roster and, in open mode, any teacher. For all other users it does not exist.
func (s *Store) visible(db *gorm.DB, actor Actor, classID ID) (Class, error) {
	var class Class
	err := db.Where("class_key = ?", classID.Key).Take(&class).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Class{}, ErrClassNotFound
	}
	if err != nil {
		return Class{}, err
	}
	if class.Owner.Is(actor.ID) && actor.Role == RoleTeacher || s.mode == ModeOpen && actor.Role == RoleTeacher {
		return class, nil
	}
	if actor.Role == RoleStudent {
		_, err := enrolled(db, classID, actor.ID)
		if errors.Is(err, ErrNotOnRoster) {
			return Class{}, ErrClassNotFound
		}
		return class, err
	}
	return Class{}, ErrClassNotFound
}

// managed returns actor's own class.
func (s *Store) managed(db *gorm.DB, actor Actor, classID ID) (Class, error) {
	class, err := s.visible(db, actor, classID)
	if err == nil && !actor.teaches(class) {
		return Class{}, ErrNotOwner
	}
	return class, err
}

// lock locks a class for the rest of the transaction and takes a timestamp for what is about to change in it. It is an
// UPDATE and not a SELECT … FOR UPDATE because SQLite has none, and because the timestamp needs an UPDATE anyway.
// A class that does not exist is left for the reading that follows to find.
func (s *Store) lock(tx *gorm.DB, classID ID) error {
	now := s.now()
	return tx.Exec("UPDATE classes SET last_at = CASE WHEN last_at < ? THEN ? ELSE last_at END WHERE class_key = ?",
		now, now, classID.Key).Error
}

// lockManaged locks actor's own class. Its LastAt is the timestamp for what is about to change.
func (s *Store) lockManaged(tx *gorm.DB, actor Actor, classID ID) (Class, error) {
	if err := s.lock(tx, classID); err != nil {
		return Class{}, err
	}
	class, err := s.managed(tx, actor, classID)
	s.checkStamp(classID, class.LastAt)
	return class, err
}
