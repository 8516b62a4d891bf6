#include "atelier/installed.h"

#include <gmock/gmock.h>

#include "support/temporary_folder.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

const fs::path kModels = fs::path(EASEL_SOURCE_DIR) / "models";

std::vector<std::string> names(const std::vector<ModelEntry>& entries) {
  std::vector<std::string> names;
  for (const ModelEntry& entry : entries) names.push_back(entry.name);
  return names;
}

TEST(Installed, ModelsAndUpscalersAreToldApartByWhatTheyHold) {
  testing::TemporaryFolder vocabulary, broken;
  vocabulary.write("vocab.txt", "[PAD]\n");
  broken.write("model.ckpt", "no checkpoint");
  const std::vector<ModelEntry> entries = {
      {.name = "draws", .location = {.path = kModels / "default"}},
      {.name = "enlarges", .location = {.path = kModels / "upscaler"}},
      {.name = "words", .location = {.path = vocabulary.path()}},
      {.name = "broken", .location = {.path = broken.path()}},
  };
  const Installed installed = sort_installed(entries);
  EXPECT_THAT(names(installed.models), ElementsAre("draws", "broken"));
  EXPECT_THAT(names(installed.upscalers), ElementsAre("enlarges"));
}

TEST(Installed, TheDefaultStaysAmongTheModelsWhateverItIs) {
  const Installed installed = sort_installed(
      {{.name = "enlarges", .location = {.path = kModels / "upscaler"}, .is_default = true}});
  EXPECT_THAT(names(installed.models), ElementsAre("enlarges"));
}

TEST(Installed, AFileHoldsWeightsByWhateverName) {
  testing::TemporaryFolder folder;
  folder.write("odd.name", "x");
  EXPECT_TRUE(holds_weights(folder.path() / "odd.name"));
  EXPECT_FALSE(holds_weights(folder.path()));
  EXPECT_FALSE(holds_weights(folder.path() / "gone"));
}

}  // namespace
}  // namespace easel
