#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "image/image.h"
#include "store/open/open_records.h"
#include "store/picture_files.h"
#include "store/ulid.h"

namespace easel {

/// An empty gallery in a folder of its own, removed at the end.
class Studio {
 public:
  Studio()
      : folder_(std::filesystem::path(::testing::TempDir()) / ("easel-gallery-" + new_ulid())),
        opened_(open_records(folder_)),
        records(*opened_),
        files(folder_.pictures(), folder_.thumbnails()) {}
  ~Studio() {
    opened_.reset();
    std::error_code error;
    std::filesystem::remove_all(folder_.path(), error);
  }
  Studio(const Studio&) = delete;
  Studio& operator=(const Studio&) = delete;

  const std::filesystem::path& folder() const { return folder_.path(); }

  /// Puts a picture of a pair into the gallery; returns its id.
  std::string add(const std::string& subject, const std::string& style, std::uint64_t seed,
                  int upscale = 1) {
    PictureRecord record;
    record.id = new_ulid();
    record.recipe.prompt = subject + ", " + style;
    record.recipe.labels = {.subject = subject, .style = style};
    record.recipe.seed.seed = seed;
    if (upscale > 1) record.recipe.enlarging.factor = upscale;
    record.recipe.size = {8, 8};
    record.width = record.height = 8 * upscale;
    record.bytes =
        files.save(record.id, Image({record.width, record.height}, 3), by_easel(record.recipe));
    EXPECT_TRUE(records.write_now([&](Transaction& all) { return all.pictures().add(record); }));
    return record.id;
  }

  std::vector<PictureRecord> list(const PictureFilter& filter) {
    return records.read_now([&](const Transaction& all) { return all.pictures().list(filter); });
  }
  std::int64_t count() {
    return records.read_now([](const Transaction& all) { return all.pictures().count(); });
  }
  void set_deleted(const std::string& id) {
    records.write_now([&](Transaction& all) { all.pictures().set_deleted(id, now_ms()); });
  }

 private:
  DataFolder folder_;
  std::unique_ptr<Records> opened_;

 public:
  Records& records;
  PictureFiles files;
};

}  // namespace easel
