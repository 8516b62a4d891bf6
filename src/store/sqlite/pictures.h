#pragma once

#include "store/sqlite/database.h"
#include "store/tables.h"

namespace easel {

class SqlitePictures : public PictureTable {
 public:
  explicit SqlitePictures(Database& database) : db_(database) {}

  std::optional<PictureRecord> find(const std::string& id) const override;
  std::vector<PictureRecord> list(const PictureFilter& filter) const override;
  std::vector<PictureRecord> of_job(const std::string& job) const override;
  std::optional<std::string> find_drawn(const std::string& hash) const override;
  GalleryFacets facets() const override;
  std::int64_t count() const override;
  std::vector<std::string> deleted_before(std::int64_t when, int limit) const override;
  std::set<std::string> given() const override;
  std::vector<std::pair<std::string, bool>> all_ids() const override;

  bool add(const PictureRecord& picture) override;
  bool set_favourite(const std::string& id, bool favourite) override;
  bool set_rating(const std::string& id, int rating) override;
  bool set_tags(const std::string& id, const std::vector<std::string>& tags) override;
  bool set_deleted(const std::string& id, std::optional<std::int64_t> when) override;
  bool set_missing(const std::string& id, bool missing) override;
  bool purge(const std::string& id) override;

 private:
  std::vector<std::string> picture_ids_of(const std::string& job) const;

  Database& db_;
};

}  // namespace easel
