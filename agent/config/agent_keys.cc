#include "agent/config/agent_keys.h"

#include <utility>
#include <vector>

#include "settings/kafka_keys.h"

namespace picket {
namespace {

constexpr std::string_view kSeccompModes[] = {"on", "off", "kill"};
constexpr std::string_view kBufferModes[] = {"offline", "always"};
constexpr std::string_view kLogLevels[] = {"error", "warning", "info", "debug"};
constexpr std::string_view kLogFormats[] = {"text", "json"};

constexpr int64_t kSecondMs = 1000;
constexpr int64_t kMinuteMs = 60 * kSecondMs;
constexpr int64_t kHourMs = 60 * kMinuteMs;

// What "defaults" and a site have in common; a site's own have no default, they inherit.
struct Common {
  std::string_view defaults_name;
  std::string_view fallback;
  std::string_view environment;
  Key key;  // as in a site
};

const Common kCommon[] = {
    {"defaults.interval",
     "30s",
     "CHECK_INTERVAL",
     {.name = "interval",
      .type = ValueType::kDuration,
      .min = 100,
      .max = 24 * kHourMs,
      .reload = Reload::kHot,
      .help = "Time from one probe of a site to the next."}},
    {"defaults.timeout",
     "10s",
     "REQUEST_TIMEOUT",
     {.name = "timeout",
      .type = ValueType::kDuration,
      .min = 10,
      .max = 5 * kMinuteMs,
      .reload = Reload::kHot,
      .help = "The whole probe may take this long, at most its interval. Where only the interval is set and "
              "it is "
              "shorter than the default, it is the timeout as well."}},
    {"defaults.max_body",
     "1MiB",
     {},
     {.name = "max_body",
      .type = ValueType::kSize,
      .min = 0,
      .max = 16 << 20,
      .reload = Reload::kHot,
      .help = "A longer body ends the probe with error `too_large`."}},
    {"defaults.max_redirects",
     "5",
     {},
     {.name = "max_redirects",
      .type = ValueType::kInteger,
      .min = 0,
      .max = 20,
      .reload = Reload::kHot,
      .help = "Redirects followed; 0: a redirect is the answer."}},
    {"defaults.proxy",
     {},
     "PICKET_SITES_PROXY",
     {.name = "proxy",
      .type = ValueType::kText,
      .max = 1024,
      .secret = true,
      .reload = Reload::kHot,
      .help = "`http://[user:password@]host:port`: the HTTP proxy on the way to the site; `off`: none. "
              "Default: none, whatever `http_proxy` and `https_proxy` say."}},
};

std::vector<Key> MakeAgentKeys() {
  std::vector<Key> keys = {
      {.name = "agent",
       .type = ValueType::kText,
       .max = 128,
       .environment = "PICKET_AGENT",
       .help = "Id of this agent, the key of its records. Default: a UUID kept in a file beside the "
               "configuration."},
  };
  for (const Common& common : kCommon) {
    Key key = common.key;
    key.name = common.defaults_name;
    key.fallback = common.fallback;
    key.environment = common.environment;
    keys.push_back(key);
  }
  keys.push_back(
      {.name = "defaults.ca_file",
       .type = ValueType::kFile,
       .reload = Reload::kHot,
       .help = "PEM file, or directory of such files, of the authorities that may sign sites' certificates. Read anew "
               "when it changes. Default: the system's."});
  keys.push_back({.name = "sites",
                  .type = ValueType::kCustom,
                  .min = 1,
                  .max = 10'000,
                  .environment = "WEBSITES",
                  .reload = Reload::kHot,
                  .help = "What is probed: a URL, or a mapping with the keys below. Required."});
  for (Key key : KafkaKeys()) {
    // A new producer is made, so that a changed password needs no restart. Lanes carry the topic's name.
    if (key.name != "kafka.topic") key.reload = Reload::kHot;
    keys.push_back(key);
  }
  const Key rest[] = {
      {.name = "buffer.path",
       .type = ValueType::kText,
       .fallback = "/var/lib/picket/buffer.db",
       .min = 1,
       .max = 4000,
       .environment = "PICKET_BUFFER_PATH",
       .help = "SQLite file for results that could not be sent yet. One agent a file."},
      {.name = "buffer.mode",
       .type = ValueType::kChoice,
       .fallback = "offline",
       .choices = kBufferModes,
       .reload = Reload::kHot,
       .help =
           "`offline`: nothing is written while the broker acknowledges in time. `always`: every result is "
           "written before it is sent."},
      {.name = "buffer.spill_after",
       .type = ValueType::kDuration,
       .fallback = "5s",
       .min = 100,
       .max = kHourMs,
       .reload = Reload::kHot,
       .help = "A result that the broker has not acknowledged for so long is written to the buffer."},
      {.name = "buffer.commit_interval",
       .type = ValueType::kDuration,
       .fallback = "10s",
       .min = 100,
       .max = kHourMs,
       .reload = Reload::kHot,
       .help = "At most one write in this time while the broker is away."},
      {.name = "buffer.max_bytes",
       .type = ValueType::kSize,
       .fallback = "16MiB",
       .min = 256 << 10,
       .max = int64_t{16} << 30,
       .help = "Cap of the file and its write-ahead log together. At the cap the oldest results go, and are "
               "reported."},
      {.name = "buffer.window",
       .type = ValueType::kInteger,
       .fallback = "1000",
       .min = 10,
       .max = 100'000,
       .help =
           "Results sent and not yet acknowledged, in memory: at most this many may be lost by a power cut."},
      {.name = "buffer.drain_rate",
       .type = ValueType::kInteger,
       .fallback = "1000",
       .min = 1,
       .max = 1'000'000,
       .reload = Reload::kHot,
       .help = "Buffered results sent a second after an outage; the present goes first."},
      {.name = "serve.listen",
       .type = ValueType::kText,
       .fallback = "127.0.0.1:9116",
       .max = 64,
       .environment = "PICKET_SERVE_LISTEN",
       .help = "Numeric `address:port` of `/metrics` and `/healthz`; `off` or an empty text: none."},
      {.name = "control.socket",
       .type = ValueType::kText,
       .max = 4000,
       .environment = "PICKET_CONTROL_SOCKET",
       .help = "UNIX socket for `picket status`, `buffer stats` and `reload`, at most 107 bytes; `off`: none. "
               "Default: `buffer.path` with `.sock` behind it."},
      {.name = "sandbox.seccomp",
       .type = ValueType::kChoice,
       .fallback = "on",
       .choices = kSeccompModes,
       .environment = "PICKET_SANDBOX_SECCOMP",
       .help = "`on`: once started, the agent gives up every system call it does not need (seccomp(2)); one that is "
               "asked for all the same fails, and the kernel's audit log names it. `kill`: it ends the agent, for "
               "tests. `off`: nothing is given up."},
      {.name = "log.level",
       .type = ValueType::kChoice,
       .fallback = "info",
       .choices = kLogLevels,
       .environment = "LOG_LEVEL",
       .reload = Reload::kHot,
       .help = "The least severe lines on stderr. Also `--log-level`."},
      {.name = "log.format",
       .type = ValueType::kChoice,
       .fallback = "text",
       .choices = kLogFormats,
       .environment = "PICKET_LOG_FORMAT",
       .help = "`json`: each line on stderr is an object with `ts`, `level`, `component` and `msg`. "
               "Also `--log-format`."},
  };
  keys.insert(keys.end(), std::begin(rest), std::end(rest));
  return keys;
}

std::vector<Key> MakeSiteKeys() {
  std::vector<Key> keys = {
      {.name = "url",
       .type = ValueType::kText,
       .min = 1,
       .max = 2048,
       .reload = Reload::kHot,
       .help = "`http://` or `https://`, without user and password: a record carries it. Required."},
      {.name = "name",
       .type = ValueType::kText,
       .min = 1,
       .max = 128,
       .reload = Reload::kHot,
       .help = "Unique among the sites. Default: the URL's host."},
      {.name = "regex",
       .type = ValueType::kText,
       .max = 1024,
       .reload = Reload::kHot,
       .help = "Must be found in the body (PCRE2, UTF-8), else the site is down. Empty: none."},
  };
  for (const Common& common : kCommon) keys.push_back(common.key);
  return keys;
}

}  // namespace

std::span<const Key> AgentKeys() {
  static const std::vector<Key> keys = MakeAgentKeys();
  return keys;
}

std::span<const Key> SiteKeys() {
  static const std::vector<Key> keys = MakeSiteKeys();
  return keys;
}

}  // namespace picket
