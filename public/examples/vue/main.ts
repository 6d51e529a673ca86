import { createApp } from "vue";
import Lesson from "./Lesson.vue";

createApp(Lesson, { classId: "demo" }).mount("#app");
