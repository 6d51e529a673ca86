import { FlatList, Pressable, StyleSheet, Text, View } from "react-native";
import { useAttendance } from "@neuracampus/attendance-client/react";

export interface Props {
  server: string;
  userId: string;
}

export default function App({ server, userId }: Props) {
  const { status, sessions, mark } = useAttendance(server, { userId, role: "student", classId: "demo", transports: ["websocket"] });
  const lecture = sessions.lecture;
  if (lecture?.phase !== "active") return <Text>{status === "live" ? "No lecture is open" : status}</Text>;
  return (
    <View style={styles.page}>
      <Pressable accessibilityRole="button" style={styles.button} onPress={() => void mark({ sessionType: "lecture" })}>
        <Text>I am here</Text>
      </Pressable>
      <FlatList
        data={[...lecture.records.values()]}
        keyExtractor={({ studentId }) => String(studentId)}
        renderItem={({ item }) => <Text>{item.studentName || item.studentId}: {item.status}</Text>}
      />
    </View>
  );
}

const styles = StyleSheet.create({
  page: { flex: 1, padding: 24 },
  button: { alignSelf: "flex-start", backgroundColor: "#cde", padding: 12 },
});
