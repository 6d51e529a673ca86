declare module "*.vue" {
  import type { DefineComponent } from "vue";
  const component: DefineComponent<{ classId: string }>;
  export default component;
}
