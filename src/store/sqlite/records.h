#pragma once

#include <filesystem>
#include <optional>

#include "store/clock.h"
#include "store/records.h"
#include "store/sqlite/read_pool.h"
#include "store/sqlite/write_queue.h"

namespace easel {

/// Records in one file, for one process: one thread writes, works that wait together in one
/// transaction; two read.
class SqliteRecords : public Records {
 public:
  enum class Access {
    kWrite,  ///< makes the file, or brings it to the newest form
    kRead,   ///< as it is, beside whoever writes
  };
  SqliteRecords(const std::filesystem::path& file, Access access,
                StoreClock clock = machine_clock());

  void write(Write work, Done done) override;
  void read(Read work, Done done) override;

 private:
  StoreClock clock_;
  std::optional<Database> writing_;
  std::optional<WriteQueue> writes_;
  std::optional<ReadPool> reads_;
};

}  // namespace easel
