// In a browser, as Expo's web target does it: react-native is react-native-web there.
import { AppRegistry } from "react-native";
import App, { type Props } from "./App";

const parameters = new URLSearchParams(location.search);
const initialProps: Props = {
  server: parameters.get("server") ?? "http://localhost:5014",
  userId: parameters.get("user") ?? "student-1",
};
AppRegistry.registerComponent("Attendance", () => App);
AppRegistry.runApplication("Attendance", { initialProps, rootTag: document.getElementById("app") });
