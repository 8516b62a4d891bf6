// Measures every 3x3 convolution of the models that Easel is made for with every algorithm, inside
// the whole network (where weights come from memory as they do when drawing), and writes the
// fastest of each to the table that the cpu backend chooses from. A layer has one algorithm for any
// number of pictures, so that a picture is the same alone and among others: what counts is the time
// for each picture, the mean of all the numbers of pictures that were met.
//
//   build/bench/tune TARGET src/backend/cpu/algorithm_table.inc [CONFIG.yaml...]
//
// TARGET: AVX2, AVX3, SSE4 or NEON; rows of other targets stay as they are. Besides the published
// text2img-large and RealESRGAN_x4plus, the models of the given configurations are measured.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <tuple>

#include "backend/profile.h"
#include "core/atomic_file.h"
#include "pipeline/families.h"

namespace easel {
namespace {

constexpr int kRounds = 3;
// Short parts are measured as often as this allows: noise is a larger share of them.
constexpr std::chrono::milliseconds kLeastTime{500};
constexpr ConvAlgorithm kAlgorithms[] = {ConvAlgorithm::kDirect, ConvAlgorithm::kWinograd2,
                                         ConvAlgorithm::kWinograd4};
// Another algorithm than the smallest error's must be worth it: below this gain, noise decides.
constexpr double kWorthwhile = 0.05;

// in, out, height, width, upsample
using Layer = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, bool>;
// Of one call, divided by its pictures: the best of all rounds, by the number of pictures.
using ByPictures = std::map<std::int64_t, double>;
using Seconds = std::map<ConvAlgorithm, ByPictures>;

void keep_best(const Profile& profile, ConvAlgorithm algorithm, std::map<Layer, Seconds>& layers) {
  for (const auto& [name, entry] : profile) {
    if (!entry.convolution || entry.algorithm != name_of(algorithm)) continue;
    const ConvFacts& facts = *entry.convolution;
    if (facts.spec.kernel != 3 || facts.spec.stride != 1) continue;
    const Layer layer{facts.spec.in, facts.spec.out, facts.height, facts.width,
                      facts.spec.upsample};
    const double seconds = entry.seconds / static_cast<double>(entry.calls * facts.pictures);
    const auto [place, fresh] = layers[layer][algorithm].emplace(facts.pictures, seconds);
    if (!fresh) place->second = std::min(place->second, seconds);
  }
}

using Models = std::vector<std::unique_ptr<MeasuredModel>>;

void measure(const std::string& target, const Models& models, std::map<Layer, Seconds>& layers) {
  for (const ConvAlgorithm algorithm : kAlgorithms) {
    const auto backend =
        make_backend({.name = "cpu", .target = target, .cpu = {.convolution = algorithm}});
    Profile profile;
    const auto profiling = make_profiling_backend(*backend, profile);
    const UsePart use = [&](const MeasuredPart& part) {
      std::cerr << name_of(algorithm) << ": " << part.name << "\n";
      part.run();
      const auto start = std::chrono::steady_clock::now();
      const auto elapsed = [&] { return std::chrono::steady_clock::now() - start; };
      for (int round = 0; round < kRounds || elapsed() < kLeastTime; ++round) {
        profile.clear();
        part.run();
        keep_best(profile, algorithm, layers);
      }
    };
    for (const auto& model : models) {
      for (const char* part : {"unet", "decoder", "upscaler"}) {
        model->with_part(part, *profiling, {}, use);
      }
    }
  }
}

const char* code_of(ConvAlgorithm algorithm) {
  switch (algorithm) {
    case ConvAlgorithm::kDirect:
      return "kDirect";
    case ConvAlgorithm::kWinograd2:
      return "kWinograd2";
    case ConvAlgorithm::kWinograd4:
      return "kWinograd4";
  }
  return "?";
}

double mean(const ByPictures& seconds) {
  double sum = 0;
  for (const auto& [pictures, taken] : seconds) sum += taken;
  return sum / static_cast<double>(seconds.size());
}

// The fastest; between two within the noise, the one with the smaller rounding error.
ConvAlgorithm best_of(const Seconds& seconds) {
  ConvAlgorithm best = seconds.begin()->first;
  for (const auto& [algorithm, taken] : seconds) {
    if (mean(taken) < mean(seconds.at(best)) * (1 - kWorthwhile)) best = algorithm;
  }
  return best;
}

std::string row_of(const std::string& target, const Layer& layer, const Seconds& seconds) {
  const auto& [in, out, height, width, upsample] = layer;
  const std::string code = fmt::format("{{\"{}\", {}, {}, {}, {}, {}, {}}},", target, in, out,
                                       height, width, upsample, code_of(best_of(seconds)));
  std::string measured;
  for (const auto& [algorithm, taken] : seconds) {
    measured += fmt::format("{}{} {:.3f}", measured.empty() ? "" : ", ", name_of(algorithm),
                            mean(taken) * 1e3);
  }
  return fmt::format("{:<56}  // ms: {}\n", code, measured);
}

void write(const std::filesystem::path& table, const std::string& target,
           const std::map<Layer, Seconds>& layers) {
  std::string rows =
      "// Measured by bench/tune: target, in, out, height, width, upsample, algorithm; "
      "milliseconds a picture.\n";
  std::ifstream old(table);
  for (std::string line; std::getline(old, line);) {
    if (line.starts_with('{') && !line.starts_with("{\"" + target + "\"")) rows += line + "\n";
  }
  for (const auto& [layer, seconds] : layers) rows += row_of(target, layer, seconds);
  write_file_atomically(table, rows);
}

}  // namespace
}  // namespace easel

int main(int argc, char** argv) {
  CLI::App app{"finds the fastest algorithm of every convolution"};
  std::string target;
  std::filesystem::path table;
  std::vector<std::filesystem::path> configs;
  app.add_option("TARGET", target, "AVX2, AVX3, SSE4 or NEON")->required();
  app.add_option("TABLE", table, "src/backend/cpu/algorithm_table.inc")->required();
  app.add_option("CONFIG", configs, "config.yaml of further models");
  CLI11_PARSE(app, argc, argv);
  try {
    // The published model of every family, and those that the configurations describe.
    easel::Models models;
    for (const easel::Family& family : easel::families()) {
      models.push_back(family.measure(nullptr));
      if (family.use != easel::ModelUse::kTextToImage) continue;
      for (const auto& config : configs) {
        const easel::ModelFiles files{.location = {.path = config.parent_path(),
                                                   .config = config,
                                                   .vocab = {},
                                                   .installed = {}},
                                      .weights = easel::Weights(easel::WeightsFormat::kMemory, {})};
        models.push_back(family.measure(&files));
      }
    }
    std::map<easel::Layer, easel::Seconds> layers;
    easel::measure(target, models, layers);
    easel::write(table, target, layers);
  } catch (const std::exception& error) {
    std::cerr << "tune: " << error.what() << "\n";
    return 1;
  }
}
