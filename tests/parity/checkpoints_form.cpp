// Files that torch.save wrote in all its ways: those that hold the tensors of expected.safetensors
// hold them to the bit; what would run code stays inert.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "core/error.h"
#include "form.h"
#include "weights/weights.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto ending = entry.path().extension();
    if (ending == ".pt" || ending == ".pkl") files.push_back(entry.path());
  }
  return files;
}

bool recognises(const fs::path& folder) {
  return fs::exists(folder / "expected.safetensors") && !files_in(folder).empty() &&
         std::ranges::any_of(files_in(folder), [](const fs::path& file) {
           return file.filename().string().starts_with("malicious");
         });
}

std::vector<std::uint32_t> bits_of(const Weights::Entry& entry) {
  std::vector<float> values(static_cast<std::size_t>(entry.source.shape.elements()));
  entry.source.read(0, values);
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

void compare(const fs::path& file) {
  const Weights expected = open_weights(file.parent_path() / "expected.safetensors");
  const Weights seen = open_weights(file);
  ASSERT_FALSE(seen.entries().empty());
  // A file of other tensors is only read.
  if (!expected.contains(seen.entries().begin()->first)) return;
  ASSERT_EQ(seen.entries().size(), expected.entries().size());
  for (const auto& [name, entry] : expected.entries()) {
    ASSERT_NE(seen.find(name), nullptr) << name;
    EXPECT_EQ(seen.find(name)->source.shape, entry.source.shape) << name;
    EXPECT_EQ(bits_of(*seen.find(name)), bits_of(entry)) << name;
  }
}

void stays_inert(const fs::path& file) {
  const fs::path made = fs::temp_directory_path() / "easel-pwned";
  ASSERT_FALSE(fs::exists(made));
  try {
    open_weights(file);
  } catch (const Error&) {
    // Refusing it is as good.
  }
  EXPECT_FALSE(fs::exists(made));
}

std::vector<Case> cases(const fs::path& folder) {
  std::vector<Case> all;
  for (const fs::path& file : files_in(folder)) {
    const std::string name = file.filename().string();
    const auto run = name.starts_with("malicious") ? stays_inert : compare;
    all.push_back({name, [run, file] { run(file); }});
  }
  return all;
}

}  // namespace

FixtureForm checkpoints_form() { return {"files of torch.save", recognises, cases}; }

}  // namespace easel::parity
