// Every fixture folder of EASEL_FIXTURES against Easel: which there are, what they hold and how
// near is near enough is read from the folders. Folders of families that Easel does not have are
// counted as skipped.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "form.h"
#include "support/expected.h"

namespace easel::parity {
namespace {

class CaseTest : public ::testing::Test {
 public:
  explicit CaseTest(std::function<void()> run) : run_(std::move(run)) {}
  void TestBody() override { run_(); }

 private:
  std::function<void()> run_;
};

void add(std::string folder, const Case& one) {
  // '-', ':' and '.' mean something in a filter.
  std::ranges::replace(folder, '-', '_');
  std::string name = one.name;
  std::ranges::replace_if(
      name, [](char c) { return c == '-' || c == ':' || c == '.'; }, '_');
  ::testing::RegisterTest(folder.c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [run = one.run]() -> CaseTest* { return new CaseTest(run); });
}

std::vector<Case> cases_of(const std::filesystem::path& folder) {
  const std::string name = folder.filename().string();
  for (const FixtureForm& form : fixture_forms()) {
    if (!form.recognises(folder)) continue;
    std::vector<Case> cases = form.cases(folder);
    if (cases.empty()) {
      cases.push_back({"HasSomethingToCompare", [name, form] {
                         FAIL() << name << " is " << form.name << " and holds no expected value";
                       }});
    }
    return cases;
  }
  return {
      {"IsNotBuiltYet", [name, why = why_not(folder)] { GTEST_SKIP() << name << ": " << why; }}};
}

void add_folder(const std::filesystem::path& folder) {
  const std::string name = folder.filename().string();
  try {
    for (const Case& one : cases_of(folder)) add(name, one);
  } catch (const std::exception& error) {
    add(name, {"CanBeRead", [told = std::string(error.what())] { FAIL() << told; }});
  }
}

int run(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const std::filesystem::path root = testing::fixtures_folder();
  std::cout << "fixtures: " << root.string() << "\n";
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  for (const auto& folder : folders) add_folder(folder);
  if (folders.empty()) {
    add("Fixtures", {"AreThere", [root] { FAIL() << root << " holds no folder"; }});
  }
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace easel::parity

int main(int argc, char** argv) {
  try {
    return easel::parity::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
