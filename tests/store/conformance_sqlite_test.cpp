#include "conformance.h"
#include "store/sqlite/records.h"

namespace easel {
namespace {

class OpenSqlite : public OpenStore {
 public:
  explicit OpenSqlite(const std::filesystem::path& folder)
      : records_(folder / "easel.db", SqliteRecords::Access::kWrite,
                 {.wall = [this] { return steady_.load() + ahead_; },
                  .steady = [this] { return steady_.load(); }}) {}

  Records& records() override { return records_; }
  void advance(std::int64_t ms) override { steady_ += ms; }
  void set_clock(std::int64_t ms_ahead) override { ahead_ = ms_ahead; }

 private:
  std::atomic<std::int64_t> steady_{1'000'000};
  std::atomic<std::int64_t> ahead_{0};
  SqliteRecords records_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, Conformance,
                         ::testing::Values(Implementation{
                             "sqlite", [](const std::filesystem::path& folder) {
                               return std::unique_ptr<OpenStore>(new OpenSqlite(folder));
                             }}));

}  // namespace
}  // namespace easel
