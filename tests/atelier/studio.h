#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "image/image.h"
#include "store/picture_files.h"
#include "store/picture_store.h"
#include "store/schema.h"
#include "store/ulid.h"

namespace easel {

/// An empty gallery in a folder of its own, removed at the end.
class Studio {
 public:
  Studio()
      : folder_(std::filesystem::path(::testing::TempDir()) / ("easel-gallery-" + new_ulid())),
        database_(made(folder_) / "easel.db", Database::Mode::kReadWrite),
        pictures(migrated(database_)),
        files(made(folder_ / "pictures"), made(folder_ / "thumbnails")) {}
  ~Studio() {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
  Studio(const Studio&) = delete;
  Studio& operator=(const Studio&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

  /// Puts a picture of a pair into the gallery; returns its id.
  std::string add(const std::string& subject, const std::string& style, std::uint64_t seed,
                  int upscale = 1) {
    PictureRecord record;
    record.id = new_ulid();
    record.prompt = subject + ", " + style;
    record.subject = subject;
    record.style = style;
    record.seed = seed;
    record.upscale = upscale;
    record.native_width = record.native_height = 8;
    record.width = record.height = 8 * upscale;
    record.bytes = files.save(record.id, Image({record.width, record.height}, 3),
                              {.prompt = record.prompt, .seed = seed});
    EXPECT_TRUE(pictures.adopt(record));
    return record.id;
  }

 private:
  static std::filesystem::path made(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    return folder;
  }
  static Database& migrated(Database& database) {
    migrate(database);
    return database;
  }

  std::filesystem::path folder_;
  Database database_;

 public:
  PictureStore pictures;
  PictureFiles files;
};

}  // namespace easel
