// The events part of /docs: every operation of /api/asyncapi.json with its messages, their keys and an example.
interface Reference { $ref: string }
interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  description?: string;
  "x-sentences"?: Record<string, string>;
}
interface Message { name: string; payload: Reference; examples: [{ payload: unknown }] }
interface Operation {
  action: "send" | "receive";
  title: string;
  summary: string;
  description?: string;
  messages: Reference[];
  reply?: { messages: Reference[] };
  "x-answered-with"?: string[];
  "x-refused-with"?: string;
}
export interface EventDocument {
  operations: Record<string, Operation>;
  channels: { attendance: { messages: Record<string, Reference> } };
  components: { messages: Record<string, Message>; schemas: Record<string, Schema> };
}

const last = ({ $ref }: Reference) => $ref.slice($ref.lastIndexOf("/") + 1);

function element(tag: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** Builds the reference of a document. */
export function eventReference(described: EventDocument): HTMLElement {
  const { operations, channels, components } = described;
  const message = (reference: Reference) => {
    const inComponents = channels.attendance.messages[last(reference)];
    const found = inComponents && components.messages[last(inComponents)];
    if (!found) throw new Error(`the document has no message ${reference.$ref}`);
    return found;
  };
  const schemaOf = (schema: Schema): Schema => (schema.$ref ? (components.schemas[last({ $ref: schema.$ref })] ?? schema) : schema);

  function typeOf(given: Schema): string {
    const schema = schemaOf(given);
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
    if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
    if (schema.items) return `list of ${typeOf(schema.items)}`;
    if (schema.properties) return `{ ${Object.keys(schema.properties).join(", ")} }`;
    return [schema.type ?? "anything"].flat().join(" | ");
  }

  function keysOf({ payload }: Message): HTMLElement {
    const schema = schemaOf(payload);
    const rows = Object.entries(schema.properties ?? {}).map(([key, value]) =>
      element("tr", "", element("th", "", key), element("td", "", schema.required?.includes(key) ? "" : "optional"),
        element("td", "", element("code", "", typeOf(value))), element("td", "", value.description ?? schemaOf(value).description ?? "")));
    return element("table", "", element("tbody", "", ...rows));
  }

  function part(title: string, shown: Message): HTMLElement[] {
    return [element("h4", "", title), keysOf(shown), element("pre", "", JSON.stringify(shown.examples[0].payload, null, 2))];
  }

  function describe(operation: Operation): HTMLElement {
    const names = operation.messages.map(last);
    const notes = [operation.description, names.length > 1 && `Also called ${names.slice(1).join(", ")}`,
      operation["x-answered-with"]?.length && `Answered with ${operation["x-answered-with"].join(", ")}`,
      operation["x-refused-with"] && `Refused with ${operation["x-refused-with"]}`].filter(Boolean).join(". ");
    const payload = operation.messages.slice(0, 1).flatMap((reference) => part("Payload", message(reference)));
    const replies = (operation.reply?.messages ?? []).flatMap((reference) => part(`Acknowledgement: ${last(reference)}`, message(reference)));
    return element("details", "event", element("summary", "", element("code", "", operation.title), ` ${operation.summary}`), element("p", "", notes), ...payload, ...replies);
  }

  const all = Object.values(operations);
  const sentences = Object.values(components.schemas).flatMap(({ properties }) => Object.entries(properties?.reason?.["x-sentences"] ?? {}));
  const reasons = [...new Map(sentences)].map(([reason, sentence]) => element("tr", "", element("th", "", reason), element("td", "", sentence)));
  return element("div", "",
    element("h3", "", "Clients send"), ...all.filter(({ action }) => action === "receive").map(describe),
    element("h3", "", "The server sends"), ...all.filter(({ action }) => action === "send").map(describe),
    element("h3", "", "Reasons of refusals"), element("details", "event", element("summary", "", "Every reason that an acknowledgement can carry"), element("table", "", element("tbody", "", ...reasons))));
}
