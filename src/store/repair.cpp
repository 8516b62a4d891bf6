#include "store/repair.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "core/error.h"
#include "core/json.h"
#include "store/import.h"
#include "store/ulid.h"

namespace easel {
namespace {

// Which job's picture an id was chosen for.
struct Slot {
  std::string job;
  int index = 0;
  std::optional<std::string> parent;  ///< the picture that the job enlarges
  std::string hash;
  bool listed = true;
};
using Slots = std::unordered_map<std::string, Slot>;

std::optional<std::string> parent_in(const JobRecord& job) {
  if (job.kind != "upscale") return std::nullopt;
  const std::optional<Json> request = Json::try_parse(job.request);
  const Json* picture = request ? request->find("picture") : nullptr;
  if (picture == nullptr || !picture->is_string()) return std::nullopt;
  return picture->text();
}

Slots unfinished_slots(const Transaction& all) {
  Slots slots;
  for (const JobRecord& job : all.jobs().begun()) {
    const std::optional<std::string> parent = parent_in(job);
    for (std::size_t k = 0; k < job.picture_ids.size(); ++k) {
      slots[job.picture_ids[k]] = {.job = job.id,
                                   .index = static_cast<int>(k),
                                   .parent = parent,
                                   .hash = k < job.hashes.size() ? job.hashes[k] : "",
                                   .listed = job.listed};
    }
  }
  return slots;
}

bool adopt(PictureTable& pictures, const PictureFiles& files, const Slots& slots,
           const std::string& id) {
  const std::optional<std::string> bytes = files.picture(id);
  if (!bytes) return false;
  PictureRecord record = record_of(read_gallery_picture(*bytes, id));
  record.id = id;
  record.created = ulid_time(id);
  record.bytes = static_cast<std::int64_t>(bytes->size());
  if (const auto slot = slots.find(id); slot != slots.end()) {
    record.job = slot->second.job;
    record.index = slot->second.index;
    record.parent = slot->second.parent;
    record.listed = slot->second.listed;
    if (!record.recipe.unfinished) record.hash = slot->second.hash;
  }
  return pictures.add(record);
}

class Repair {
 public:
  Repair(Transaction& all, const PictureFiles& files) : all_(all), files_(files) {}

  RepairReport run(Loss loss) {
    const std::vector<std::string> on_disk = files_.sweep();
    std::vector<std::pair<std::string, bool>> known = all_.pictures().all_ids();
    std::sort(known.begin(), known.end());
    adopt_strangers(on_disk, known);
    flag_missing(on_disk, known);
    report_.requeued = all_.jobs().recover(loss);
    return report_;
  }

 private:
  using Known = std::vector<std::pair<std::string, bool>>;

  void adopt_strangers(const std::vector<std::string>& on_disk, const Known& known) {
    const Slots slots = unfinished_slots(all_);
    for (const std::string& id : on_disk) {
      const auto at = std::lower_bound(known.begin(), known.end(), std::pair(id, false));
      if (at != known.end() && at->first == id) continue;
      try {
        if (adopt(all_.pictures(), files_, slots, id)) ++report_.adopted;
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kNoSpace) throw;
        ++report_.unreadable;
      }
    }
  }

  void flag_missing(const std::vector<std::string>& on_disk, const Known& known) {
    for (const auto& [id, flagged] : known) {
      const bool there = std::binary_search(on_disk.begin(), on_disk.end(), id);
      if (there == !flagged) continue;
      all_.pictures().set_missing(id, !there);
      ++(there ? report_.found : report_.missing);
    }
  }

  Transaction& all_;
  const PictureFiles& files_;
  RepairReport report_;
};

}  // namespace

RepairReport repair(Records& records, const PictureFiles& files, Loss loss) {
  return records.write_now([&](Transaction& all) { return Repair(all, files).run(loss); });
}

}  // namespace easel
