#include "core/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "core/error.h"
#include "support/fixture_file.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class AtomicFile : public ::testing::Test {
 protected:
  AtomicFile() {
    std::string name = (fs::temp_directory_path() / "easel-test-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~AtomicFile() override { fs::remove_all(folder_); }

  int entries() const {
    return static_cast<int>(std::distance(fs::directory_iterator(folder_), {}));
  }
  ErrorCode code_of_writing(const fs::path& path, IfExists if_exists = IfExists::kReplace) {
    try {
      write_file_atomically(path, "text", if_exists);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(path.filename().string().substr(0, 20)));
      return error.code();
    }
    ADD_FAILURE() << "no error";
    return ErrorCode::kCancelled;
  }

  fs::path folder_;
};

TEST_F(AtomicFile, HoldsWhatWasWrittenAndLeavesNothingElse) {
  write_file_atomically(folder_ / "a.txt", "hello");
  EXPECT_EQ(testing::read_text(folder_ / "a.txt"), "hello");
  EXPECT_EQ(entries(), 1);
}

TEST_F(AtomicFile, ReplacesWhenAsked) {
  write_file_atomically(folder_ / "a.txt", "a long first text");
  write_file_atomically(folder_ / "a.txt", "second");
  EXPECT_EQ(testing::read_text(folder_ / "a.txt"), "second");
}

TEST_F(AtomicFile, RefusesAnExistingFileAndLeavesIt) {
  write_file_atomically(folder_ / "a.txt", "first");
  EXPECT_EQ(code_of_writing(folder_ / "a.txt", IfExists::kRefuse), ErrorCode::kUsage);
  EXPECT_EQ(testing::read_text(folder_ / "a.txt"), "first");
  EXPECT_EQ(entries(), 1);
}

TEST_F(AtomicFile, WritesANewFileUnderTheRefusingRule) {
  write_file_atomically(folder_ / "a.txt", "first", IfExists::kRefuse);
  EXPECT_EQ(testing::read_text(folder_ / "a.txt"), "first");
}

TEST_F(AtomicFile, IsAsReadableAsTheUmaskSays) {
  const mode_t mask = ::umask(027);
  write_file_atomically(folder_ / "a.txt", "x");
  ::umask(mask);
  struct stat info {};
  ASSERT_EQ(::stat((folder_ / "a.txt").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST_F(AtomicFile, NamesAMissingFolder) {
  EXPECT_EQ(code_of_writing(folder_ / "none" / "a.txt"), ErrorCode::kNotFound);
}

TEST_F(AtomicFile, RefusesAFolderAsTheTarget) {
  fs::create_directory(folder_ / "d");
  EXPECT_EQ(code_of_writing(folder_ / "d"), ErrorCode::kUsage);
  EXPECT_EQ(entries(), 1);
}

TEST_F(AtomicFile, RefusesANameThatIsTooLong) {
  EXPECT_EQ(code_of_writing(folder_ / std::string(300, 'x')), ErrorCode::kUsage);
  EXPECT_EQ(entries(), 0);
}

TEST_F(AtomicFile, RefusesAFolderThatMayNotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  ::chmod(folder_.c_str(), 0500);
  EXPECT_EQ(code_of_writing(folder_ / "a.txt"), ErrorCode::kUsage);
  ::chmod(folder_.c_str(), 0700);
}

TEST_F(AtomicFile, LeavesTheOldFileWhenWritingFailsHalfway) {
  write_file_atomically(folder_ / "a.txt", "old");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 4096;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(write_file_atomically(folder_ / "a.txt", std::string(10000, 'x')), Error);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(testing::read_text(folder_ / "a.txt"), "old");
  EXPECT_EQ(entries(), 1);
}

}  // namespace
}  // namespace easel
