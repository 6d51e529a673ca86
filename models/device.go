package models

import (
	"crypto/sha256"
	"encoding/hex"

	"gorm.io/gorm"
)

// The client of a student may send with a mark a random id of its device. The table mark_devices has who marked themselves on which device,
// as long as the session is active: it is deleted in the transaction that ends the session, and a session that is opened again begins
// without. It does not have the id but a hash of it with the class and the type of the session. That is enough to see that two marks
// carried the same, and whoever reads the table does not see that a device of one class is also one of another.

// maxDeviceID is the length of the id of a device in characters.
const maxDeviceID = 64

// deviceHash returns what is stored of the device of a mark: 32 hexadecimal digits. It is empty if there is none, and for a teacher, who may
// mark any number of students on one device.
func deviceHash(actor Actor, req MarkRequest) string {
	if req.DeviceID == "" || actor.ActsAsTeacher() {
		return ""
	}
	hash := sha256.Sum256([]byte(req.ClassID.Key + "\x00" + req.SessionType + "\x00" + req.DeviceID)) // no id has a control character
	return hex.EncodeToString(hash[:16])
}

// deleteDevices deletes which devices the students of a session used.
func deleteDevices(tx *gorm.DB, sessionID int64) error {
	return tx.Exec("DELETE FROM mark_devices WHERE session_id = ?", sessionID).Error
}
