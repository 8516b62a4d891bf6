#include "store/sqlite/schema.h"

#include <iterator>

#include "core/error.h"

namespace easel {
namespace {

// Changes are additive for one release: an older Easel must be able to finish what a newer queued.
constexpr const char* kMigrations[] = {
    // 1
    R"sql(
CREATE TABLE job(
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,              -- whose idempotency keys and limits
  client TEXT NOT NULL,             -- who takes turns
  kind TEXT NOT NULL,               -- draw, upscale
  state TEXT NOT NULL CHECK(state IN ('queued','running','done','failed','cancelled','dead')),
  priority INTEGER NOT NULL,
  run_at INTEGER NOT NULL,          -- all times: ms since 1970
  request TEXT NOT NULL,            -- JSON, complete
  hash TEXT NOT NULL,               -- of what the pictures depend on
  model TEXT NOT NULL,
  count INTEGER NOT NULL,           -- pictures
  picture_ids TEXT,                 -- JSON list, chosen when first claimed
  attempt INTEGER NOT NULL DEFAULT 0,   -- fences writes of a worker that lost its lease
  crashes INTEGER NOT NULL DEFAULT 0,   -- attempts in a row that failed without a new picture
  losses INTEGER NOT NULL DEFAULT 0,    -- the same, where the program was killed from outside
  cancel INTEGER NOT NULL DEFAULT 0,
  worker TEXT,
  lease_until INTEGER,
  error TEXT,                       -- JSON problem
  notes TEXT NOT NULL DEFAULT '[]',
  sheet TEXT,
  cell INTEGER,
  created INTEGER NOT NULL,
  started INTEGER,
  finished INTEGER
) STRICT;
CREATE INDEX job_queued ON job(priority DESC, run_at, id) WHERE state = 'queued';
CREATE INDEX job_running ON job(worker) WHERE state = 'running';
CREATE INDEX job_active ON job(owner) WHERE state IN ('queued', 'running');
CREATE INDEX job_hash ON job(hash) WHERE state = 'done';
CREATE INDEX job_sheet ON job(sheet, cell) WHERE sheet IS NOT NULL;
CREATE TABLE idempotency(
  owner TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, job TEXT NOT NULL,
  PRIMARY KEY(owner, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE turn(client TEXT PRIMARY KEY, served INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE picture(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,   -- the gallery's order
  id TEXT NOT NULL UNIQUE,
  job TEXT, idx INTEGER NOT NULL,
  created INTEGER NOT NULL,
  width INTEGER NOT NULL, height INTEGER NOT NULL, bytes INTEGER NOT NULL,
  native_width INTEGER NOT NULL, native_height INTEGER NOT NULL,
  prompt TEXT NOT NULL, negative TEXT NOT NULL,
  model TEXT NOT NULL, model_sha256 TEXT NOT NULL,
  sampler TEXT NOT NULL, steps INTEGER NOT NULL, scale REAL NOT NULL, eta REAL NOT NULL,
  seed INTEGER NOT NULL,                   -- the bits of an unsigned one
  variation_seed INTEGER, variation_strength REAL,
  upscale INTEGER NOT NULL, upscaler TEXT NOT NULL, parent TEXT,
  subject TEXT NOT NULL, style TEXT NOT NULL,
  favourite INTEGER NOT NULL DEFAULT 0,
  missing INTEGER NOT NULL DEFAULT 0,
  deleted INTEGER,
  UNIQUE(job, idx)
) STRICT;
CREATE INDEX picture_model ON picture(model, seq);
CREATE INDEX picture_style ON picture(style, seq) WHERE style != '';
CREATE INDEX picture_subject ON picture(subject, seq) WHERE subject != '';
CREATE INDEX picture_favourite ON picture(seq) WHERE favourite = 1;
CREATE INDEX picture_deleted ON picture(deleted) WHERE deleted IS NOT NULL;
CREATE VIRTUAL TABLE word USING fts5(
  prompt, model, style, subject, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
CREATE TABLE sheet(
  id TEXT PRIMARY KEY, owner TEXT NOT NULL, request TEXT NOT NULL, created INTEGER NOT NULL
) STRICT;
CREATE TABLE timing(
  key TEXT PRIMARY KEY, step REAL NOT NULL, decode REAL NOT NULL, runs INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql",
    // 2: turns by rank (store/turns.h). What waited keeps its order: each client's first jobs, then
    // each one's second.
    R"sql(
ALTER TABLE job ADD COLUMN cost INTEGER NOT NULL DEFAULT 10000;  -- ms it is thought to take
ALTER TABLE job ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
UPDATE job SET rank = turn.before * 10000 FROM (
  SELECT id, row_number() OVER (PARTITION BY client, priority ORDER BY id) - 1 AS before
  FROM job WHERE state IN ('queued', 'running')) AS turn WHERE turn.id = job.id;
DROP TABLE turn;
DROP INDEX job_queued;
CREATE INDEX job_queued ON job(priority DESC, rank, id, run_at) WHERE state = 'queued';
CREATE INDEX job_rank ON job(priority, rank) WHERE state = 'running';
CREATE INDEX job_client ON job(client, priority, rank) WHERE state IN ('queued', 'running');
)sql",
    // 3: how a picture is drawn is one recipe, as JSON; what is searched keeps columns of its own.
    R"sql(
CREATE TABLE drawn(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  job TEXT, idx INTEGER NOT NULL,
  created INTEGER NOT NULL,
  width INTEGER NOT NULL, height INTEGER NOT NULL, bytes INTEGER NOT NULL,
  parent TEXT,
  prompt TEXT NOT NULL, model TEXT NOT NULL, subject TEXT NOT NULL, style TEXT NOT NULL,
  seed INTEGER,                            -- the bits of an unsigned one
  recipe TEXT NOT NULL,
  favourite INTEGER NOT NULL DEFAULT 0,
  missing INTEGER NOT NULL DEFAULT 0,
  deleted INTEGER,
  UNIQUE(job, idx)
) STRICT;
INSERT INTO drawn SELECT seq, id, job, idx, created, width, height, bytes, parent, prompt, model,
  subject, style, seed,
  json_object('prompt', prompt, 'negative', negative, 'model', model, 'model_sha256', model_sha256,
    'steps', NULLIF(steps, 0), 'sampler', sampler, 'scale', scale, 'eta', eta,
    'seed', printf('%u', seed), 'width', native_width, 'height', native_height,
    'variation', json(CASE WHEN variation_seed IS NOT NULL THEN json_object(
      'seed', printf('%u', variation_seed), 'strength', variation_strength) END),
    'upscale', CASE WHEN upscale > 1 THEN upscale END, 'upscaler', upscaler,
    'subject', subject, 'style', style),
  favourite, missing, deleted FROM picture;
DELETE FROM sqlite_sequence WHERE name = 'drawn';
INSERT INTO sqlite_sequence(name, seq) SELECT 'drawn', seq FROM sqlite_sequence WHERE name = 'picture';
DROP TABLE picture;
ALTER TABLE drawn RENAME TO picture;
CREATE INDEX picture_model ON picture(model, seq);
CREATE INDEX picture_style ON picture(style, seq) WHERE style != '';
CREATE INDEX picture_subject ON picture(subject, seq) WHERE subject != '';
CREATE INDEX picture_favourite ON picture(seq) WHERE favourite = 1;
CREATE INDEX picture_deleted ON picture(deleted) WHERE deleted IS NOT NULL;
)sql",
    // 4: a job's row is held to what the program writes. What another program left otherwise is
    // mended on the way, so that no job is lost. Of JSON the brackets are looked at: a schema that
    // is
    // not trusted may not call json_valid().
    R"sql(
CREATE TABLE held(
  id TEXT PRIMARY KEY CHECK(id != ''),
  owner TEXT NOT NULL,
  client TEXT NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN ('draw','upscale')),
  state TEXT NOT NULL CHECK(state IN ('queued','running','done','failed','cancelled','dead')),
  priority INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  request TEXT NOT NULL CHECK(request LIKE '{%}'),
  hash TEXT NOT NULL,
  model TEXT NOT NULL,
  count INTEGER NOT NULL CHECK(count > 0),
  picture_ids TEXT CHECK(picture_ids LIKE '[%]'),
  attempt INTEGER NOT NULL DEFAULT 0 CHECK(attempt >= 0),
  crashes INTEGER NOT NULL DEFAULT 0 CHECK(crashes >= 0),
  losses INTEGER NOT NULL DEFAULT 0 CHECK(losses >= 0),
  cancel INTEGER NOT NULL DEFAULT 0 CHECK(cancel IN (0, 1)),
  worker TEXT,
  lease_until INTEGER,
  error TEXT CHECK(error = '' OR error LIKE '{%}'),
  notes TEXT NOT NULL DEFAULT '[]' CHECK(notes LIKE '[%]'),
  sheet TEXT,
  cell INTEGER,
  created INTEGER NOT NULL,
  started INTEGER,
  finished INTEGER,
  cost INTEGER NOT NULL DEFAULT 10000 CHECK(cost > 0),
  rank INTEGER NOT NULL DEFAULT 0,
  -- a lease while it runs and only then, an end once it has come to one and only then
  CHECK((state = 'running') = (worker IS NOT NULL)),
  CHECK((worker IS NULL) = (lease_until IS NULL)),
  CHECK((state IN ('queued', 'running')) = (finished IS NULL))
) STRICT;
INSERT INTO held SELECT id, owner, client, iif(kind = 'upscale', kind, 'draw'), state, priority,
  run_at, iif(json_valid(request) AND request LIKE '{%}', request, '{}'), hash, model, max(count, 1),
  iif(json_valid(picture_ids) AND picture_ids LIKE '[%]', picture_ids, NULL),
  max(attempt, 0), max(crashes, 0), max(losses, 0), cancel != 0,
  iif(state = 'running', coalesce(worker, 'unknown'), NULL),
  iif(state = 'running', coalesce(lease_until, 0), NULL),
  iif(error IS NULL OR error LIKE '{%}', error, ''),
  iif(json_valid(notes) AND notes LIKE '[%]', notes, '[]'),
  sheet, cell, created, started,
  iif(state IN ('queued', 'running'), NULL, coalesce(finished, started, created)),
  max(cost, 1), rank FROM job;
DROP TABLE job;
ALTER TABLE held RENAME TO job;
CREATE INDEX job_queued ON job(priority DESC, rank, id, run_at) WHERE state = 'queued';
CREATE INDEX job_rank ON job(priority, rank) WHERE state = 'running';
CREATE INDEX job_client ON job(client, priority, rank) WHERE state IN ('queued', 'running');
CREATE INDEX job_running ON job(worker) WHERE state = 'running';
CREATE INDEX job_active ON job(owner) WHERE state IN ('queued', 'running');
CREATE INDEX job_hash ON job(hash) WHERE state = 'done';
CREATE INDEX job_sheet ON job(sheet, cell) WHERE sheet IS NOT NULL;
)sql",
    // 5: what an owner asked for lately is counted.
    R"sql(
CREATE INDEX job_owner ON job(owner, created);
)sql",
    // 6: owners may let their jobs wait.
    R"sql(
CREATE TABLE paused(owner TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
)sql",
    // 7: pictures are found again one by one, some are in no list, and people order them.
    R"sql(
ALTER TABLE job ADD COLUMN hashes TEXT;                       -- JSON list, one a picture
ALTER TABLE job ADD COLUMN reuse INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN listed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE picture ADD COLUMN hash TEXT NOT NULL DEFAULT '';
ALTER TABLE picture ADD COLUMN listed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE picture ADD COLUMN rating INTEGER NOT NULL DEFAULT 0;
ALTER TABLE picture ADD COLUMN tags TEXT;                     -- JSON list
CREATE INDEX picture_hash ON picture(hash, seq) WHERE hash != '';
CREATE INDEX picture_unlisted ON picture(seq) WHERE listed = 0;
CREATE INDEX picture_rating ON picture(rating, seq);
CREATE TABLE tag(name TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(name, seq))
  STRICT, WITHOUT ROWID;
CREATE INDEX tag_picture ON tag(seq);
)sql",
};

std::int64_t version_of(Database& database) {
  Query row(database, "PRAGMA user_version");
  row.next();
  return row.integer(0);
}

void check_soundness(Database& database) {
  Query row(database, "PRAGMA quick_check(1)");
  if (row.next() && row.text(0) != "ok") {
    fail(ErrorCode::kInvalidFile, "the gallery's database is damaged: {}", row.text(0));
  }
}

}  // namespace

void migrate(Database& database) {
  check_soundness(database);
  const auto newest = static_cast<std::int64_t>(std::size(kMigrations));
  const std::int64_t version = version_of(database);
  if (version > newest) {
    fail(ErrorCode::kUnsupported,
         "the gallery was written by a newer easel: its form is {}, this one knows up to {}",
         version, newest);
  }
  for (std::int64_t step = version; step < newest; ++step) {
    Savepoint all_or_nothing(database);
    database.script(kMigrations[step]);
    database.script(("PRAGMA user_version = " + std::to_string(step + 1)).c_str());
    all_or_nothing.keep();
  }
}

}  // namespace easel
