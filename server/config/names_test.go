package config

import "testing"

// misspeltNames are names and the settings that they are taken for: "" if a variable of the environment may have the name, "-" if
// a line of a .env file may not either, but no setting is like it.
var misspeltNames = []struct{ name, meant, inFile string }{
	{"DATABASE_DNS", "DATABASE_DSN", "DATABASE_DSN"},
	{"DATABSE_DSN", "DATABASE_DSN", "DATABASE_DSN"},
	{"DATABASEDSN", "DATABASE_DSN", "DATABASE_DSN"},
	{"DATABASE_DSN_FILE", "DATABASE_DSN", "DATABASE_DSN"},
	{"database_dsn", "DATABASE_DSN", "DATABASE_DSN"},
	{"CORS_ORIGIN", "CORS_ORIGINS", "CORS_ORIGINS"},
	{"COR_ORIGIN", "CORS_ORIGINS", "CORS_ORIGINS"},
	{"CAMPUS_ZT", "CAMPUS_TZ", "CAMPUS_TZ"},
	{"OPENMODE", "OPEN_MODE", "OPEN_MODE"},
	{"SEND_QUEUE_BYTE", "SEND_QUEUE_BYTES", "SEND_QUEUE_BYTES"},
	{"LOG_LEVLE", "LOG_LEVEL", "LOG_LEVEL"},
	{"USERS_SOCKETS", "USER_SOCKETS", "USER_SOCKETS"},
	{"JWT_SECERT", "JWT_SECRET", "JWT_SECRET"},
	{"PORTS", "", "PORT"},
	{"HOSTS", "", "HOST"},
	{"HOSTNAME", "", "-"},
	{"DATADIR", "", "DATA_DIR"},
	{"LOGLEVEL", "", "LOG_LEVEL"},
	{"DATABASE_URL", "", "-"},
	{"PATH", "", "-"},
	{"NODE_ENV", "", "-"},
	{"CACHE_URLS", "", "-"},
	{"REDIS_URI", "", "REDIS_URL"},
	{"MONGO_URI", "", "-"},
	{"X", "", "-"},
}

func TestLoadMisspeltNameIsNamed(t *testing.T) {
	sentence := func(name, meant string) string {
		switch meant {
		case "":
			return "<nil>"
		case "-":
			return name + " is no setting of this server; .env.example lists the settings, please remove all others from the file"
		}
		return name + " is no setting of this server; did you mean " + meant + "?"
	}
	text := func(err error) string {
		if err == nil {
			return "<nil>"
		}
		return err.Error()
	}
	for _, test := range misspeltNames {
		_, inEnvironment := Load([]string{test.name + "=value"}, noFile)
		if got, want := text(inEnvironment), sentence(test.name, test.meant); got != want {
			t.Errorf("environment, %s: %s, want %s", test.name, got, want)
		}
		_, inFile := loadDotenv(t, test.name+"=value")
		if got, want := text(inFile), sentence(test.name, test.inFile); got != want {
			t.Errorf("file, %s: %s, want %s", test.name, got, want)
		}
		if _, err := loadDotenv(t, test.name+"=", test.name+"="); err != nil {
			t.Errorf("%s without a value: %v", test.name, err)
		}
	}
}

func TestDistanceCountsSwapAsOneEdit(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "ab", 1}, {"abc", "abcd", 1}, {"abc", "xbc", 1}, {"abcd", "badc", 2}, {"abc", "xyz", 3}} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("%q, %q: %d, want %d", test.a, test.b, got, test.want)
		}
		if got := distance(test.b, test.a); got != test.want {
			t.Errorf("%q, %q: %d, want %d", test.b, test.a, got, test.want)
		}
	}
}
