package handlers

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/models"
)

// bind fills an operation's struct from a request: its path, query and body, as the fields' tags say.
func bind(c *gin.Context, in reflect.Value) error {
	query := c.Request.URL.Query()
	for _, field := range reflect.VisibleFields(in.Type()) {
		target := in.FieldByIndex(field.Index)
		if name, ok := field.Tag.Lookup("path"); ok {
			value, err := pathValue(c, name)
			if err != nil {
				return err
			}
			if err := bindPath(target, name, value); err != nil {
				return err
			}
		}
		if name, ok := field.Tag.Lookup("query"); ok && query.Get(name) != "" {
			if err := bindQuery(target, name, query[name]); err != nil {
				return err
			}
		}
		optional := field.Tag.Get("optional") == "true"
		if kind, ok := field.Tag.Lookup("body"); ok && !(optional && c.Request.ContentLength == 0) {
			if err := bindBody(c, target, kind); err != nil {
				return err
			}
		}
	}
	return nil
}

// pathValue returns a parameter of the path. It is taken from the path as it was sent, because gin's own unescaping is
// that of queries, which makes a space of a plus.
func pathValue(c *gin.Context, name string) (string, error) {
	pattern := strings.Split(c.FullPath(), "/")
	sent := strings.Split(c.Request.URL.EscapedPath(), "/")
	i := slices.Index(pattern, ":"+name)
	if i < 0 {
		panic("the route " + c.FullPath() + " has no parameter " + name)
	}
	if len(sent) != len(pattern) {
		return "", models.ErrClassNotFound // an escaped slash that the engine took for one of the path's
	}
	value, err := url.PathUnescape(sent[i])
	if err != nil {
		return "", models.ErrInvalidID
	}
	return value, nil
}

func bindPath(target reflect.Value, name, value string) error {
	switch target := target.Addr().Interface().(type) {
	case *models.ID:
		id, err := models.TextID(value)
		if err != nil {
			return badID(err, name, "an id of 1 to 64 characters")
		}
		*target = id
	case *int64:
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil && name == "flagId" {
			return models.ErrFlagNotFound
		}
		if err != nil {
			return models.ErrSessionNotFound
		}
		*target = number
	default:
		panic(fmt.Sprintf("a path has no %T", target))
	}
	return nil
}

// bindQuery takes the first of values, except for a list.
func bindQuery(target reflect.Value, name string, values []string) error {
	value := values[0]
	switch target := target.Addr().Interface().(type) {
	case *string:
		*target = value
	case *[]string:
		*target = values
	case **int:
		number, err := strconv.Atoi(value)
		if err != nil || number < 0 {
			return invalid(reasonParameter, "%s must be a number from 0 on", name)
		}
		*target = &number
	case *models.ID:
		id, err := models.TextID(value)
		if err != nil {
			return badID(err, name, "an id of 1 to 64 characters")
		}
		*target = id
	case *models.Way:
		*target = models.Way(value)
		if !slices.Contains(ways, *target) {
			return invalid(reasonParameter, "%s must be socket, rest, correction or initiate", name)
		}
	case *int64:
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil || number < 1 {
			return invalid(reasonParameter, "%s must be a number above 0", name)
		}
		*target = number
	case *bool:
		if value != "true" && value != "false" {
			return invalid(reasonParameter, "%s must be true or false", name)
		}
		*target = value == "true"
	case **float64:
		number, err := strconv.ParseFloat(value, 64)
		if err != nil || !(number >= 0 && number <= 1) {
			return invalid(reasonParameter, "%s must be a number from 0 to 1", name)
		}
		*target = &number
	default:
		panic(fmt.Sprintf("a query has no %T", target))
	}
	return nil
}

func bindBody(c *gin.Context, target reflect.Value, kind string) error {
	if kind == mediaJSON {
		if sent, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || sent != mediaJSON {
			return errNoJSON
		}
	}
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return bodyError(err)
	}
	if kind == mediaCSV {
		// Browsers call a CSV file what they like, so its type says nothing.
		target.SetBytes(body)
		return nil
	}
	if !utf8.Valid(body) || !json.Valid(body) {
		return invalid("invalid_body", "The body must be JSON in UTF-8")
	}
	return decodeObject(body, target, "")
}

// decodeObject fills a struct from a JSON object and says in a sentence what does not fit. Keys are compared exactly. Null is the
// same as absence, except for the time of a rule, which it takes away.
// Prefix names the object in these sentences.
func decodeObject(raw json.RawMessage, target reflect.Value, prefix string) error {
	if hasMore(raw, maxKeys) {
		return invalid(reasonParameter, "%s may have at most %d keys", named(strings.TrimSuffix(prefix, ".")), maxKeys)
	}
	values, ok := readObject(raw)
	if !ok {
		return invalid(reasonParameter, "%s must be an object", named(strings.TrimSuffix(prefix, ".")))
	}
	var known, missing []string
	for _, field := range reflect.VisibleFields(target.Type()) {
		if field.Anonymous {
			continue
		}
		key, optional := jsonKey(field)
		known = append(known, key)
		value, given := values.get(key)
		if isNull(value) && !(given && field.Type == reflect.TypeFor[*models.Minutes]()) {
			if !optional {
				missing = append(missing, prefix+key)
			}
			continue
		}
		if err := decodeValue(value, target.FieldByIndex(field.Index), prefix+key); err != nil {
			return err
		}
	}
	if len(missing) > 0 {
		return invalid(reasonMissing, "Missing required parameters: %s", strings.Join(missing, ", "))
	}
	for _, m := range values {
		if !slices.Contains(known, m.key) {
			return invalid("unknown_parameter", "There is no parameter %.64q", prefix+m.key)
		}
	}
	return nil
}

func named(path string) string {
	if path == "" {
		return "The body"
	}
	return path
}

// jsonKey returns a field's key and whether it may be missing.
func jsonKey(field reflect.StructField) (key string, optional bool) {
	key, options, _ := strings.Cut(field.Tag.Get("json"), ",")
	return key, options == "omitempty"
}

func decodeValue(raw json.RawMessage, target reflect.Value, path string) error {
	switch into := target.Addr().Interface().(type) {
	case *models.ID:
		id, err := readID(raw)
		if err != nil {
			return badID(err, path, "an integer or a text of 1 to 64 characters")
		}
		*into = id
		return nil
	case *tones:
		list, ok := readTones(raw)
		if !ok {
			return invalid(reasonParameter, "%s must be a number or a list of numbers", path)
		}
		*into = list
		return nil
	case *models.Proof:
		if json.Unmarshal(raw, into) != nil {
			return models.ErrInvalidProof
		}
		return nil
	case *models.Minutes:
		if err := into.UnmarshalJSON(raw); err != nil {
			return badMinutes(err, path)
		}
		return nil
	}
	switch target.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		return decodeValue(raw, target.Elem(), path)
	case reflect.String:
		text, ok := readText(raw)
		if !ok {
			return invalid(reasonParameter, "%s must be a text", path)
		}
		target.SetString(text)
	case reflect.Bool:
		if json.Unmarshal(raw, target.Addr().Interface()) != nil {
			return invalid(reasonParameter, "%s must be true or false", path)
		}
	case reflect.Slice:
		var elements []json.RawMessage
		if hasMore(raw, models.MaxRoster) { // the only lists are those of students
			return errRosterTooLong
		}
		if json.Unmarshal(raw, &elements) != nil {
			return invalid(reasonParameter, "%s must be a list", path)
		}
		target.Set(reflect.MakeSlice(target.Type(), len(elements), len(elements)))
		for i, element := range elements {
			if err := decodeObject(element, target.Index(i), fmt.Sprintf("%s[%d].", path, i)); err != nil {
				return withID(err, element)
			}
		}
	default:
		panic("a body has no " + target.Type().String())
	}
	return nil
}

// withID adds the id of the element of a list that is wrong, if it has a good one: people find it by that.
func withID(err error, element json.RawMessage) error {
	var has struct {
		ID models.ID `json:"id"`
	}
	if json.Unmarshal(element, &has) != nil || has.ID.IsZero() {
		return err
	}
	return invalid(reasonOf(err), "%s (id %s)", err, has.ID)
}

// The types of bodies.
const (
	mediaJSON    = "application/json"
	mediaProblem = "application/problem+json"
	mediaCSV     = "text/csv"
)
