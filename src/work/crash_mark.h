#pragma once

#include <filesystem>

namespace easel {

/// While it lives, a crash of the program (SIGSEGV, SIGABRT and their like) leaves a file behind,
/// so that the next start can tell a job that brings the program down from a program that was
/// killed. At most one at a time: signal handlers belong to the process.
class CrashMark {
 public:
  explicit CrashMark(const std::filesystem::path& file);
  ~CrashMark();
  CrashMark(const CrashMark&) = delete;
  CrashMark& operator=(const CrashMark&) = delete;

  /// Whether the run before left the file; it is removed.
  bool crashed_before() const { return crashed_before_; }

 private:
  bool crashed_before_ = false;
};

}  // namespace easel
