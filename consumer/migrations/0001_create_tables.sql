-- migrate:up

CREATE TABLE agent (
  id   int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE
);
COMMENT ON TABLE agent IS 'The picket agents that records came from';
COMMENT ON COLUMN agent.name IS 'Agent id: from its configuration, else a UUID it made for itself';

CREATE TABLE site (
  id    int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name  text NOT NULL,
  url   text NOT NULL,
  regex text,
  -- A unique b-tree index cannot hold entries above 2,704 bytes, and a URL with a regexp may be longer. A hash
  -- index holds any length, and the constraint compares the values themselves.
  CONSTRAINT site_definition EXCLUDE USING hash
    ((quote_literal(name) || ',' || quote_literal(url) || ',' || quote_nullable(regex)) WITH =)
);
COMMENT ON TABLE site IS 'What was probed: a row for each distinct name, URL and regexp';
COMMENT ON COLUMN site.regex IS 'As configured; null: none';

CREATE TABLE verdict (
  id           int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  outcome      text NOT NULL,
  error        text,
  clock        text NOT NULL,
  http_version text,
  tls_version  text,
  UNIQUE NULLS NOT DISTINCT (outcome, error, clock, http_version, tls_version)
);
COMMENT ON TABLE verdict IS
  'The combinations of a result''s few-valued texts: some dozens of rows, and 4 bytes in a result for all five. '
  'Names that a newer agent brings are kept as they are';
COMMENT ON COLUMN verdict.outcome IS 'up, down, or unknown (the agent''s own uplink, clock or config was at fault)';
COMMENT ON COLUMN verdict.error IS 'Why it is not up: dns, connect, tls, timeout, ...; null: nothing was wrong';
COMMENT ON COLUMN verdict.clock IS
  'How far the time is to be believed: ok; corrected (set later in the same boot and computed back); unsynced';
COMMENT ON COLUMN verdict.http_version IS '1.0, 1.1, 2; null: no response';
COMMENT ON COLUMN verdict.tls_version IS '1.2, 1.3; null: no TLS, or its handshake failed';

CREATE TABLE lane (
  id              int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agent_id        int4 NOT NULL REFERENCES agent,
  epoch           int8 NOT NULL,
  stream          text NOT NULL,
  topic           text,
  version         text,
  previous_epoch  int8,
  ended           text CHECK (ended IN ('clean', 'unclean')),
  high            int8,
  unaccounted_max int8,
  drained         bool NOT NULL DEFAULT false,
  rejected_reason text,
  skipped         int8 NOT NULL DEFAULT 0,
  redelivered     int8 NOT NULL DEFAULT 0,
  expired         int8 NOT NULL DEFAULT 0,
  first_seen      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (agent_id, epoch)
) WITH (fillfactor = 70);
COMMENT ON TABLE lane IS
  'One run of one stream of an agent: records are named by (agent, epoch, seq). Its row is the lock that keeps two '
  'consumers from storing the same record twice';
COMMENT ON COLUMN lane.epoch IS 'Random 63-bit number, drawn for each stream at each start of the agent';
COMMENT ON COLUMN lane.stream IS 'probe: results; status: what the agent says about its lanes';
COMMENT ON COLUMN lane.topic IS 'Where the agent sends it, as it said';
COMMENT ON COLUMN lane.version IS 'Of the agent; null: the start of this lane was not reported';
COMMENT ON COLUMN lane.previous_epoch IS 'The lane before it, as the agent said at the start of this one';
COMMENT ON COLUMN lane.ended IS 'clean: shut down in order; unclean: killed; null: alive, or nothing is known';
COMMENT ON COLUMN lane.high IS 'Highest seq the agent said it gave: exact when ended is clean, else a floor';
COMMENT ON COLUMN lane.unaccounted_max IS
  'When ended is unclean: so many records at most were made and reached neither the broker nor the buffer';
COMMENT ON COLUMN lane.drained IS 'The agent said that nothing of this lane is left in its buffer';
COMMENT ON COLUMN lane.rejected_reason IS 'Why the broker would not take records, as the agent said last';
COMMENT ON COLUMN lane.skipped IS 'On status lanes: due probes that were not started';
COMMENT ON COLUMN lane.redelivered IS 'Records that came again after they were stored, and were dropped';
COMMENT ON COLUMN lane.expired IS 'Rows of this lane that went with days past their retention';

CREATE TABLE lane_range (
  lane_id int4 NOT NULL REFERENCES lane,
  kind    text NOT NULL CHECK (kind IN ('received', 'rejected', 'evicted')),
  lo      int8 NOT NULL,
  hi      int8 NOT NULL CHECK (hi > lo),
  PRIMARY KEY (lane_id, kind, lo)
) WITH (fillfactor = 50);
COMMENT ON TABLE lane_range IS
  'The ledger: what became of each seq of a lane, as disjoint ranges. What is in no range is missing, or still to come';
COMMENT ON COLUMN lane_range.kind IS
  'received: stored; rejected: cannot be stored (see dead_letter) or refused by the broker; evicted: dropped by the '
  'agent''s full buffer, and named by it';
COMMENT ON COLUMN lane_range.lo IS 'First seq';
COMMENT ON COLUMN lane_range.hi IS 'The seq after the last';

-- Columns from wide to narrow: no padding. No unique index and no foreign key: they would cost more than the rest of
-- the insert (docs/schema.md); the ledger keeps duplicates out, the consumer writes the dimensions first.
CREATE TABLE result (
  ts             timestamptz NOT NULL,
  seq            int8 NOT NULL,
  cert_not_after timestamptz,
  claimed_at     timestamptz,
  lane_id        int4 NOT NULL,
  site_id        int4 NOT NULL,
  verdict_id     int4 NOT NULL,
  response_ms    float4,
  dns_ms         float4,
  connect_ms     float4,
  tls_ms         float4,
  ttfb_ms        float4,
  transfer_ms    float4,
  bytes          int4,
  status_code    int2,
  redirects      int2,
  attempts       int2,
  regex_check    bool,
  ip             inet,
  error_detail   text
) PARTITION BY RANGE (ts);
CREATE INDEX result_site_hour ON result (site_id, date_bin('1 hour', ts, timestamptz '2000-01-01 00:00:00+00'));
CREATE INDEX result_ts ON result USING brin (ts timestamptz_minmax_multi_ops)
  WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON TABLE result IS 'One row a probe, partitioned by UTC day; see views metrics and probe for people';
COMMENT ON COLUMN result.ts IS
  'Start of the probe; when that is not to be believed, or its day is no longer kept, the time Kafka took the record';
COMMENT ON COLUMN result.seq IS 'Number of the record in its lane, from 1';
COMMENT ON COLUMN result.cert_not_after IS 'End of the site''s certificate, also when its verification failed';
COMMENT ON COLUMN result.claimed_at IS 'Set when ts is not the start of the probe: what the record said instead';
COMMENT ON COLUMN result.response_ms IS 'Total time in milliseconds; null: no response came';
COMMENT ON COLUMN result.dns_ms IS 'Milliseconds of name resolution, over all redirects; null: not reached';
COMMENT ON COLUMN result.connect_ms IS 'Milliseconds of TCP connects';
COMMENT ON COLUMN result.tls_ms IS 'Milliseconds of TLS handshakes';
COMMENT ON COLUMN result.ttfb_ms IS 'Milliseconds from request sent to first byte of the response';
COMMENT ON COLUMN result.transfer_ms IS 'Milliseconds from first byte to last';
COMMENT ON COLUMN result.bytes IS 'Bytes of body received';
COMMENT ON COLUMN result.status_code IS 'HTTP status; null: no response came';
COMMENT ON COLUMN result.redirects IS 'Redirects followed';
COMMENT ON COLUMN result.attempts IS 'Attempts made';
COMMENT ON COLUMN result.regex_check IS 'Whether the body matched; null: no regexp, or no body to match';
COMMENT ON COLUMN result.ip IS 'Address of the last connection';
COMMENT ON COLUMN result.error_detail IS 'What went wrong, in a few words';

CREATE TABLE kafka_position (
  topic       text NOT NULL,
  partition   int4 NOT NULL,
  cluster_id  text NOT NULL,
  topic_id    text NOT NULL,
  next_offset int8 NOT NULL,
  owner       int8 NOT NULL,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 10);
COMMENT ON TABLE kafka_position IS
  'How far each Kafka partition is stored: moved in the transaction that stores its records. Kafka''s own committed '
  'offsets are only a copy';
COMMENT ON COLUMN kafka_position.cluster_id IS 'Of the Kafka cluster: another cluster''s offsets mean something else';
COMMENT ON COLUMN kafka_position.topic_id IS 'Of the topic: a topic deleted and made again has another; empty: unknown';
COMMENT ON COLUMN kafka_position.next_offset IS 'First offset that is not stored yet';
COMMENT ON COLUMN kafka_position.owner IS 'Random number of the consumer that may move it';

CREATE TABLE dead_letter (
  id            int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic         text NOT NULL,
  topic_id      text NOT NULL,
  partition     int4 NOT NULL,
  kafka_offset  int8 NOT NULL,
  reason        text NOT NULL,
  lane_id       int4 REFERENCES lane,
  seq           int8,
  key           bytea,
  payload       bytea,
  header_names  text[] NOT NULL DEFAULT '{}',
  header_values bytea[] NOT NULL DEFAULT '{}',
  appended_at   timestamptz NOT NULL,
  at            timestamptz NOT NULL DEFAULT now(),
  UNIQUE (topic, topic_id, partition, kafka_offset)
);
COMMENT ON TABLE dead_letter IS 'Messages that cannot be stored, whole, each with its reason';
COMMENT ON COLUMN dead_letter.lane_id IS 'Lane and seq when payload or headers name them: the ledger has them as rejected';
COMMENT ON COLUMN dead_letter.payload IS 'Bytes of the message; null: it had no value';
COMMENT ON COLUMN dead_letter.header_names IS 'Kafka headers, in order; bytes that are not UTF-8 are replaced';
COMMENT ON COLUMN dead_letter.header_values IS 'Their values, as they were';
COMMENT ON COLUMN dead_letter.appended_at IS 'When Kafka took the message';
COMMENT ON COLUMN dead_letter.at IS 'When it came here';

CREATE VIEW metrics AS
SELECT s.name,
       s.url,
       -- By way of text: 12.3 stays 12.3, where a plain cast of the float4 says 12.300000190734863.
       r.response_ms::text::float8 AS response_time,
       r.status_code::int4 AS status_code,
       s.regex,
       r.regex_check,
       r.ts AT TIME ZONE 'UTC' AS "timestamp"
FROM result r
JOIN site s ON s.id = r.site_id;
COMMENT ON VIEW metrics IS 'The results in seven columns; timestamp is UTC, response_time in milliseconds';

CREATE VIEW probe AS
SELECT a.name AS agent, s.name, s.url, r.ts, v.outcome, v.error, r.error_detail,
       r.response_ms, r.dns_ms, r.connect_ms, r.tls_ms, r.ttfb_ms, r.transfer_ms,
       r.status_code, s.regex, r.regex_check, r.ip, v.http_version, v.tls_version, r.cert_not_after,
       r.redirects, r.bytes, r.attempts, v.clock, r.claimed_at, l.epoch, r.seq
FROM result r
JOIN site s ON s.id = r.site_id
JOIN verdict v ON v.id = r.verdict_id
JOIN lane l ON l.id = r.lane_id
JOIN agent a ON a.id = l.agent_id;
COMMENT ON VIEW probe IS 'The results with everything a record carries';

-- migrate:down

DROP VIEW probe;
DROP VIEW metrics;
DROP TABLE dead_letter;
DROP TABLE kafka_position;
DROP TABLE result;
DROP TABLE lane_range;
DROP TABLE lane;
DROP TABLE verdict;
DROP TABLE site;
DROP TABLE agent;
