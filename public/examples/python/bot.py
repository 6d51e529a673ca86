"""Marks a student: python3 bot.py http://localhost:5014 demo student-3"""

import sys

import socketio

server, class_id, user_id = sys.argv[1:]
client = socketio.Client(reconnection=False)


@client.on("attendanceUpdate")
def updated(mark):
    print(f"{mark['studentId']} is {mark['status']}")


def ask(event, data):
    """Sends an event and returns what the server acknowledges."""
    reply = client.call(event, data, timeout=10)
    if not reply["success"]:
        sys.exit(f"{event}: {reply['message']} ({reply['reason']})")
    return reply


client.connect(server)
ask("identify", {"userId": user_id, "role": "student"})
ask("joinClass", {"userId": user_id, "classId": class_id})
mark = {"classId": class_id, "studentId": user_id, "sessionType": "lecture"}
print(ask("attendanceMarked", mark)["message"])
client.disconnect()
