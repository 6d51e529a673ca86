// The page /docs: every operation of the REST API, which can be tried there.
import { SwaggerUIBundle } from "swagger-ui-dist";
import "swagger-ui-dist/swagger-ui.css";

SwaggerUIBundle({
  url: "/api/openapi.json",
  domNode: document.getElementById("reference"),
  deepLinking: true,
  persistAuthorization: true,
});
