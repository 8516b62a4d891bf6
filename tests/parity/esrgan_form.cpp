// Enlargers of ESRGAN's family: *.pth beside expected.safetensors with `input` [1, 3, H, W] in [0,
// 1] and their outputs, unclamped: x4.output for …_x4, old_x2.output for old_arch_x2, srvgg.output.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "backends.h"
#include "form.h"
#include "nn/tensor_ops.h"
#include "pipeline/families/esrgan/esrgan.h"
#include "pipeline/upscale.h"
#include "support/compare.h"
#include "support/expected.h"
#include "weights/maps/esrgan.h"

namespace easel::parity {
namespace {

namespace fs = std::filesystem;
using testing::Expected;

std::vector<fs::path> networks_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto ending = entry.path().extension();
    if (ending == ".pth") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

bool recognises(const fs::path& folder) {
  const fs::path file = folder / "expected.safetensors";
  if (!fs::exists(file) || networks_in(folder).empty()) return false;
  const Expected expected(file);
  return expected.has("input") && !expected.before(".output").empty();
}

// "old_arch_x2.pth" -> "old_x2.output", where there is one, else "x2.output"; empty: no such
// output.
std::string output_of(const fs::path& file, const Expected& expected) {
  const std::string stem = file.stem().string();
  if (expected.has(stem + ".output")) return stem + ".output";
  std::vector<std::string> candidates;
  if (stem.starts_with("srvgg")) candidates = {"srvgg.output"};
  std::size_t at = stem.find("_x");
  while (at != std::string::npos && std::isdigit(static_cast<unsigned char>(stem[at + 2])) == 0) {
    at = stem.find("_x", at + 1);
  }
  if (at != std::string::npos && candidates.empty()) {
    const std::string scale = "x" + std::to_string(std::stoi(stem.substr(at + 2)));
    if (stem.starts_with("old")) candidates.push_back("old_" + scale + ".output");
    candidates.push_back(scale + ".output");
  }
  const auto found =
      std::ranges::find_if(candidates, [&](const std::string& name) { return expected.has(name); });
  return found == candidates.end() ? "" : *found;
}

void compare_network(const fs::path& file, const testing::BackendCase& which) {
  const Expected expected(file.parent_path() / "expected.safetensors");
  const auto& input = expected.at("input");
  const auto& wanted = expected.at(output_of(file, expected));
  const auto backend = which.make();
  const Weights weights = with_basicsr_names(open_weights(file));
  const Tensor x = from_nchw(*backend, input.values,
                             {input.shape[0], input.shape[2], input.shape[3], input.shape[1]});
  const Tensor y = EsrganNetwork(*backend, weights, esrgan_config_from_shapes(weights))(x);
  EXPECT_EQ(y.shape(), Shape({wanted.shape[0], wanted.shape[2], wanted.shape[3], wanted.shape[1]}));
  std::vector<float> values(static_cast<std::size_t>(y.elements()));
  to_nchw(*backend, y, values);
  EXPECT_LE(testing::relative_rms(values, wanted.values), expected.tolerance("network"));
}

// The same as a person enlarges: a picture in, a picture out.
void compare_picture(const fs::path& file) {
  const Expected expected(file.parent_path() / "expected.safetensors");
  const auto& input = expected.at("input");
  const auto& wanted = expected.at(output_of(file, expected)).values;
  const Image::Size size{.width = static_cast<int>(input.shape[3]),
                         .height = static_cast<int>(input.shape[2])};
  std::vector<float> samples(input.values.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = input.values[i % 3 * (samples.size() / 3) + i / 3];
  }
  // 16 bits, so that rounding the input does not matter.
  Upscaler upscaler({.path = file}, {.backend = {.name = testing::usual_backend().name}});
  const auto result = to_floats(upscaler.upscale(image_from_floats(samples, size, 3, 16)));
  ASSERT_EQ(result.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const float w = wanted[i % 3 * (wanted.size() / 3) + i / 3];
    ASSERT_NEAR(result[i], std::clamp(w, 0.0f, 1.0f), expected.tolerance("pixel"));
  }
}

std::vector<Case> cases(const fs::path& folder) {
  std::vector<Case> all;
  const Expected expected(folder / "expected.safetensors");
  for (const fs::path& file : networks_in(folder)) {
    const std::string name = file.stem().string();
    if (output_of(file, expected).empty()) {
      all.push_back({name, [name] { FAIL() << "no expected output goes with " << name; }});
      continue;
    }
    on_every_backend(all, name, [file](const auto& backend) { compare_network(file, backend); });
    all.push_back({name + "/picture", [file] { compare_picture(file); }});
  }
  return all;
}

}  // namespace

FixtureForm esrgan_form() { return {"enlargers of ESRGAN's family", recognises, cases}; }

}  // namespace easel::parity
