// The page /docs: every event of the live protocol, and every operation of the REST API, which can be tried there.
import { SwaggerUIBundle } from "swagger-ui-dist";
import "swagger-ui-dist/swagger-ui.css";
import "./events.css";
import { eventReference, type EventDocument } from "./events";

SwaggerUIBundle({
  url: "/api/openapi.json",
  domNode: document.getElementById("reference"),
  deepLinking: true,
  persistAuthorization: true,
});

const events = document.getElementById("events");
void fetch("/api/asyncapi.json")
  .then(async (answer) => events?.append(eventReference((await answer.json()) as EventDocument)))
  .catch(() => events?.append("The events could not be read. Load the page again."));
