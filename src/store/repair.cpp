#include "store/repair.h"

#include <algorithm>
#include <unordered_map>

#include "core/error.h"
#include "core/json.h"
#include "image/codec.h"
#include "store/picture_store.h"
#include "store/sqlite_job_store.h"
#include "store/ulid.h"

namespace easel {
namespace {

// Which job's picture an id was chosen for.
struct Slot {
  std::string job;
  int index = 0;
};
using Slots = std::unordered_map<std::string, Slot>;

Slots unfinished_slots(Database& database) {
  Slots slots;
  Query rows(database,
             "SELECT id, picture_ids FROM job WHERE state IN ('queued', 'running') "
             "AND picture_ids IS NOT NULL");
  while (rows.next()) {
    int index = 0;
    for (const auto& id : Json::parse(rows.text(1))) {
      slots[id.get<std::string>()] = {rows.text(0), index++};
    }
  }
  return slots;
}

std::string extra(const Settings& settings, std::string_view key) {
  for (const auto& [name, value] : settings.extra) {
    if (name == key) return value;
  }
  return "";
}

// What the file says of itself. Throws when it is no whole picture.
PictureRecord record_from_file(const std::string& id, const std::string& bytes) {
  const std::span data(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  const Picture picture = decode_picture(data, id);
  const Settings settings = settings_of(picture.metadata).value_or(Settings{});
  PictureRecord record;
  record.id = id;
  record.created = ulid_time(id);
  record.width = picture.image.width();
  record.height = picture.image.height();
  record.bytes = static_cast<std::int64_t>(bytes.size());
  record.native_width = settings.width.value_or(record.width);
  record.native_height = settings.height.value_or(record.height);
  record.prompt = settings.prompt;
  record.negative = settings.negative;
  record.model = settings.model;
  record.model_sha256 = settings.model_sha256;
  record.sampler = settings.sampler;
  record.steps = settings.steps.value_or(0);
  record.scale = settings.scale.value_or(0);
  record.eta = settings.eta.value_or(0);
  record.seed = settings.seed.value_or(0);
  record.subject = extra(settings, "Subject");
  record.style = extra(settings, "Style");
  record.upscaler = extra(settings, "Upscaler");
  if (record.native_width > 0 && record.width > record.native_width) {
    record.upscale = (record.width + record.native_width - 1) / record.native_width;
  }
  return record;
}

bool adopt(PictureStore& pictures, const PictureFiles& files, const Slots& slots,
           const std::string& id) {
  const std::optional<std::string> bytes = files.picture(id);
  if (!bytes) return false;
  PictureRecord record = record_from_file(id, *bytes);
  if (const auto slot = slots.find(id); slot != slots.end()) {
    record.job = slot->second.job;
    record.index = slot->second.index;
  }
  return pictures.adopt(record);
}

}  // namespace

RepairReport repair(Database& database, const PictureFiles& files, Loss loss) {
  RepairReport report;
  PictureStore pictures(database);
  const Slots slots = unfinished_slots(database);
  const std::vector<std::string> on_disk = files.sweep();
  std::vector<std::pair<std::string, bool>> known = pictures.all_ids();
  std::sort(known.begin(), known.end());

  const auto is_known = [&](const std::string& id) {
    const auto at = std::lower_bound(known.begin(), known.end(), std::pair(id, false));
    return at != known.end() && at->first == id;
  };
  Savepoint all(database);
  for (const std::string& id : on_disk) {
    if (is_known(id)) continue;
    try {
      if (adopt(pictures, files, slots, id)) ++report.adopted;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kNoSpace) throw;
      ++report.unreadable;
    }
  }
  for (const auto& [id, flagged] : known) {
    const bool there = std::binary_search(on_disk.begin(), on_disk.end(), id);
    if (there == !flagged) continue;
    pictures.set_missing(id, !there);
    ++(there ? report.found : report.missing);
  }
  report.requeued = SqliteJobStore(database).recover("", loss);
  all.keep();
  return report;
}

}  // namespace easel
