#pragma once

#include "support/fixture_folder.h"

namespace easel::testing {

/// What an `expected.safetensors` holds.
class Expected {
 public:
  explicit Expected(const std::filesystem::path& file)
      : tensors_(read_safetensors(file)), metadata_(read_safetensors_metadata(file)) {}

  bool has(const std::string& name) const { return tensors_.contains(name); }
  const FixtureTensor& at(const std::string& name) const { return tensors_.at(name); }
  const std::map<std::string, FixtureTensor>& tensors() const { return tensors_; }

  /// Names without `ending`, of the tensors that end so.
  std::vector<std::string> before(const std::string& ending) const {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors_) {
      if (name.ends_with(ending)) names.push_back(name.substr(0, name.size() - ending.size()));
    }
    return names;
  }
  /// Item `i` of a tensor's outermost dimension.
  std::vector<float> item(const std::string& name, std::size_t i) const {
    const FixtureTensor& tensor = at(name);
    const std::size_t size = tensor.values.size() / static_cast<std::size_t>(tensor.shape.at(0));
    const auto begin = tensor.values.begin() + static_cast<std::ptrdiff_t>(i * size);
    return {begin, begin + static_cast<std::ptrdiff_t>(size)};
  }
  /// A text of the metadata; throws where there is none.
  const std::string& text(const std::string& key) const { return metadata_.at(key); }
  std::vector<std::string> texts(const std::string& key) const {
    return metadata_.contains(key) ? Json::parse(text(key)).get<std::vector<std::string>>()
                                   : std::vector<std::string>{};
  }
  bool has_text(const std::string& key) const { return metadata_.contains(key); }
  double number(const std::string& key) const { return std::stod(text(key)); }

  /// How near is near enough for a kind of value: the metadata's "tolerances", a JSON object, else
  /// what float32 noise leaves: relative RMS of a network's output and of a latent after many
  /// steps, the largest difference of a picture in [0, 1], of a whole run's latents the largest
  /// difference as a share of the largest value.
  double tolerance(const std::string& kind) const {
    static const std::map<std::string, double> usual = {
        {"network", 1e-5}, {"latent", 2e-5}, {"pixel", 1.0 / 255}, {"random", 1e-6}, {"run", 1e-4}};
    if (!metadata_.contains("tolerances")) return usual.at(kind);
    return Json::parse(text("tolerances")).value(kind, usual.at(kind));
  }

 private:
  std::map<std::string, FixtureTensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace easel::testing
