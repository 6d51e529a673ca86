// Shows /api/openapi.json as a page, on which every operation can be tried.

const response = await fetch("/api/openapi.json").catch(() => undefined);
if (!response?.ok) {
  document.getElementById("failure").textContent = "The description of the API could not be loaded. Is the server running?";
  throw new Error("no description");
}
const api = await response.json();
const schemes = api.components.securitySchemes;

/** Makes an element: properties are set, children appended. */
function el(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

function resolve(schema) {
  return schema.$ref ? api.components.schemas[schema.$ref.split("/").pop()] : schema;
}

/** Writes a schema the way TypeScript would. */
function typeText(schema, indent = "") {
  const full = resolve(schema);
  if (full.enum) return full.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (full.anyOf) return full.anyOf.map((one) => typeText(one, indent)).join(" | ");
  if (Array.isArray(full.type)) return full.type.join(" | ");
  if (full.type === "array") return typeText(full.items, indent) + "[]";
  if (full.type !== "object") return full.format === "date-time" ? "string (UTC, milliseconds)" : full.type;
  const lines = Object.entries(full.properties).map(([key, property]) => {
    const optional = full.required.includes(key) ? "" : "?";
    const about = schema.$ref && property.description ? `  // ${property.description}` : "";
    return `${indent}  ${key}${optional}: ${typeText(property, indent + "  ")}${about}`;
  });
  return `{\n${lines.join("\n")}\n${indent}}`;
}

/** An example of a request body, to begin with. */
function example(schema) {
  const full = resolve(schema);
  if (full.enum) return full.enum[0];
  if (full.anyOf) return example(full.anyOf[0]);
  switch (full.type) {
    case "object": return Object.fromEntries(Object.entries(full.properties).map(([key, property]) => [key, example(property)]));
    case "array": return [example(full.items)];
    case "boolean": return true;
    case "number": return 18000;
    default: return "";
  }
}

// Who you are, for the requests that this page sends.
const identity = {};
const identityForm = document.getElementById("identity");
for (const scheme of Object.values(schemes)) {
  const label = scheme.type === "http" ? "Token" : scheme.name;
  const input = el("input", { name: label, autocomplete: "off", spellcheck: false });
  input.addEventListener("input", () => { identity[label] = input.value; });
  identityForm.append(el("label", { title: scheme.description ?? "" }, label + " ", input));
}
identityForm.addEventListener("submit", (event) => event.preventDefault());

function identityHeaders() {
  const headers = {};
  for (const scheme of Object.values(schemes)) {
    if (scheme.type === "http" && identity.Token) headers.Authorization = `Bearer ${identity.Token}`;
    if (scheme.type === "apiKey" && identity[scheme.name]) headers[scheme.name] = encodeURIComponent(identity[scheme.name]);
  }
  return headers;
}

/** The form that sends a request of one operation and shows the answer. */
function tryIt(method, path, operation) {
  const [bodyType] = Object.keys(operation.requestBody?.content ?? {});
  const inputs = (operation.parameters ?? []).map((parameter) => ({
    parameter,
    input: el("input", { required: parameter.required, placeholder: parameter.schema.type }),
  }));
  const body = bodyType && el("textarea", {
    rows: 6,
    value: bodyType === "application/json" ? JSON.stringify(example(operation.requestBody.content[bodyType].schema), null, 2) : "id,name\n",
  });
  const result = el("pre", { ariaLive: "polite", hidden: true });
  const form = el("form", {},
    ...inputs.map(({ parameter, input }) => el("label", {}, `${parameter.name} `, input)),
    body && el("label", {}, "Body ", body),
    el("button", {}, "Send"),
    result);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let address = api.servers[0].url + path;
    const query = new URLSearchParams();
    for (const { parameter, input } of inputs) {
      if (parameter.in === "path") address = address.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (input.value !== "") query.set(parameter.name, input.value);
    }
    if (query.size > 0) address += `?${query}`;
    const headers = identityHeaders();
    if (body) headers["Content-Type"] = bodyType;
    try {
      const answer = await fetch(address, { method: method.toUpperCase(), headers, body: body?.value });
      const text = await answer.text();
      const isJSON = (answer.headers.get("Content-Type") ?? "").includes("json");
      result.textContent = `${answer.status} ${answer.statusText}\n\n${isJSON ? JSON.stringify(JSON.parse(text), null, 2) : text}`;
    } catch {
      result.textContent = "The server did not answer.";
    }
    result.hidden = false;
  });
  return form;
}

function parameterTable(parameters) {
  return el("table", {},
    el("thead", {}, el("tr", {}, ...["Parameter", "In", "Type", ""].map((text) => el("th", { scope: "col" }, text)))),
    el("tbody", {}, ...parameters.map((parameter) => el("tr", {},
      el("td", {}, el("code", {}, parameter.name)),
      el("td", {}, parameter.in),
      el("td", {}, parameter.schema.type),
      el("td", {}, parameter.description ?? "")))));
}

function bodyText(content) {
  return Object.entries(content ?? {}).map(([type, { schema }]) => el("pre", {}, type === "application/json" ? typeText(schema) : type));
}

function section(method, path, operation) {
  const parts = [];
  if (operation.parameters) parts.push(parameterTable(operation.parameters));
  if (operation.requestBody) {
    parts.push(el("h4", {}, "Request"), el("p", {}, operation.requestBody.description), ...bodyText(operation.requestBody.content));
  }
  const [status] = Object.keys(operation.responses);
  parts.push(el("h4", {}, `Answer: ${status}`), ...bodyText(operation.responses[status].content));
  const trial = el("details", {}, el("summary", {}, "Try it"), tryIt(method, path, operation));
  return el("details", { className: "operation" },
    el("summary", {}, el("b", {}, method.toUpperCase()), " ", el("code", {}, path), " ", operation.summary),
    ...parts, trial);
}

document.getElementById("about").textContent = api.info.description;
const groups = new Map(api.tags.map((tag) => [tag.name, []]));
for (const [path, operations] of Object.entries(api.paths)) {
  for (const [method, operation] of Object.entries(operations)) {
    const [group] = operation.tags;
    groups.get(group).push(section(method, path, operation));
  }
}
const main = document.getElementById("operations");
for (const [group, sections] of groups) {
  main.append(el("h2", { id: group }, group), ...sections);
  document.getElementById("contents").append(el("a", { href: `#${group}` }, group));
}
const refusal = api.components.responses.Problem.content["application/problem+json"].schema;
main.append(el("h2", { id: "Refusals" }, "Refusals"),
  el("p", {}, "Every other status comes with application/problem+json:"), el("pre", {}, typeText(refusal)));
document.getElementById("contents").append(el("a", { href: "#Refusals" }, "Refusals"));
