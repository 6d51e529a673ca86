package handlers

import (
	"embed"
	"net/http"

	"github.com/gin-gonic/gin"
)

//go:embed docs
var docs embed.FS

// mountDocs adds the page that shows the OpenAPI document. It loads nothing from anywhere else.
func mountDocs(router gin.IRouter) {
	for path, file := range map[string]string{
		"/docs":          "docs/index.html",
		"/docs/docs.css": "docs/docs.css",
		"/docs/docs.js":  "docs/docs.js",
	} {
		router.GET(path, func(c *gin.Context) {
			c.Header("Cache-Control", "no-cache")
			http.ServeFileFS(c.Writer, c.Request, docs, file)
		})
	}
}
