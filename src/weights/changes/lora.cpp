#include "weights/changes/lora.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "weights/changes/delta.h"
#include "weights/changes/module_names.h"

namespace easel {
namespace {

struct Ending {
  std::string_view text;
  std::string_view role;
};

// How a file's names end, and what the tensor is; the first that fits.
constexpr std::array kFactorEndings = {
    Ending{".lora_down.weight", "lora_down"},
    Ending{".lora_up.weight", "lora_up"},
    Ending{".lora_mid.weight", "lora_mid"},
    Ending{".lora_A.weight", "lora_down"},
    Ending{".lora_B.weight", "lora_up"},
    Ending{".lora_A.default.weight", "lora_down"},
    Ending{".lora_B.default.weight", "lora_up"},
    Ending{".lora_linear_layer.down.weight", "lora_down"},
    Ending{".lora_linear_layer.up.weight", "lora_up"},
    Ending{".lora.down.weight", "lora_down"},
    Ending{".lora.up.weight", "lora_up"},
    Ending{"_lora.down.weight", "lora_down"},
    Ending{"_lora.up.weight", "lora_up"},
    Ending{".alpha", "alpha"},
    Ending{".dora_scale", "dora_scale"},
    Ending{".lora_magnitude_vector", "dora_scale"},
    Ending{".lora_magnitude_vector.weight", "dora_scale"},
    Ending{".hada_w1_a", "hada_w1_a"},
    Ending{".hada_w1_b", "hada_w1_b"},
    Ending{".hada_w2_a", "hada_w2_a"},
    Ending{".hada_w2_b", "hada_w2_b"},
    Ending{".hada_t1", "hada_t1"},
    Ending{".hada_t2", "hada_t2"},
    Ending{".lokr_w1", "lokr_w1"},
    Ending{".lokr_w1_a", "lokr_w1_a"},
    Ending{".lokr_w1_b", "lokr_w1_b"},
    Ending{".lokr_w2", "lokr_w2"},
    Ending{".lokr_w2_a", "lokr_w2_a"},
    Ending{".lokr_w2_b", "lokr_w2_b"},
    Ending{".lokr_t2", "lokr_t2"},
    Ending{".diff", "diff"},
    Ending{".w_norm", "diff"},
    Ending{".diff_b", "bias"},
    Ending{".b_norm", "bias"},
};

// Kinds that other programs know and Easel does not.
constexpr std::array<std::string_view, 8> kUnknown = {".on_input",  ".oft_blocks", ".oft_diag",
                                                      ".a1.weight", ".a2.weight",  ".b1.weight",
                                                      ".b2.weight", ".glora_a"};

struct Name {
  std::string module;
  std::string_view role;
};

// "…attn1.processor.to_out_lora.down.weight" is the change of "…attn1.to_out.0".
std::string without_processor(std::string module) {
  constexpr std::string_view kProcessor = ".processor.";
  const std::size_t at = module.find(kProcessor);
  if (at == std::string::npos) return module;
  module.replace(at, kProcessor.size(), ".");
  if (module.ends_with(".to_out")) module += ".0";
  return module;
}

std::optional<Name> split(std::string_view name) {
  for (const Ending& ending : kFactorEndings) {
    if (!name.ends_with(ending.text)) continue;
    const std::string module(name.substr(0, name.size() - ending.text.size()));
    return Name{.module = without_processor(module), .role = ending.role};
  }
  return std::nullopt;
}

/// W + the sum of strength * change, a row at a time.
TensorSource changed(const TensorSource& base, std::shared_ptr<const Delta> delta, float strength) {
  const std::int64_t rows = base.shape.rank() == 0 ? 1 : base.shape[0];
  const std::int64_t columns = base.shape.elements() / std::max<std::int64_t>(1, rows);
  return {.shape = base.shape,
          .dtype = DType::kF32,
          .read = [read = base.read, delta = std::move(delta), strength, columns](
                      std::int64_t first, std::span<float> out) {
            read(first, out);
            std::vector<float> row(static_cast<std::size_t>(columns));
            const std::int64_t end = first + std::ssize(out);
            for (std::int64_t at = first; at < end;) {
              const std::int64_t index = at / columns;
              const std::int64_t until = std::min(end, (index + 1) * columns);
              std::ranges::fill(row, 0.0f);
              delta->add_row(index, strength, row);
              for (; at < until; ++at) {
                out[static_cast<std::size_t>(at - first)] +=
                    row[static_cast<std::size_t>(at - index * columns)];
              }
            }
          }};
}

class Merge {
 public:
  Merge(const Weights& model, const LoraStrength& strength, LoraReport& report)
      : model_(model),
        names_(model),
        strength_(strength),
        report_(report),
        entries_(model.entries()) {}

  Weights operator()(const Weights& file) && {
    collect(file);
    for (auto& [name, factors] : modules_) apply(name, factors);
    return Weights(model_.format(), std::move(entries_), model_.notes(), model_.details());
  }

 private:
  void collect(const Weights& file) {
    const auto& said = file.details().metadata;
    if (const auto it = said.find("ss_base_model_version"); it != said.end()) {
      report_.base = it->second;
    }
    for (const auto& [name, entry] : file.entries()) {
      if (const auto split_name = split(name)) {
        modules_[split_name->module].emplace(split_name->role, entry.source);
      } else if (std::ranges::any_of(kUnknown, [&](auto end) { return name.ends_with(end); })) {
        report_.unknown.push_back(name);
      }
    }
  }

  void apply(const std::string& name, Factors& factors) {
    const std::optional<std::string> module = names_.find(name);
    if (!module) {
      report_.unmatched.push_back(name);
      return;
    }
    ++report_.changed;
    const double strength =
        module->starts_with("text_encoder") ? strength_.text_encoder : strength_.unet;
    if (const auto bias = factors.extract("bias")) {
      change(*module + ".bias", {{"diff", bias.mapped()}}, static_cast<float>(strength));
    }
    if (!factors.empty()) change(*module + ".weight", factors, static_cast<float>(strength));
  }

  void change(const std::string& name, const Factors& factors, float strength) {
    const auto it = entries_.find(name);
    if (it == entries_.end()) {
      report_.unmatched.push_back(name);
      return;
    }
    std::shared_ptr<const Delta> delta = make_delta(factors, it->second.source, name);
    if (!delta || strength == 0) return;
    it->second.source = changed(it->second.source, std::move(delta), strength);
    it->second.read_stored = {};
  }

  const Weights& model_;
  const ModuleNames names_;
  const LoraStrength& strength_;
  LoraReport& report_;
  Weights::Entries entries_;
  std::map<std::string, Factors> modules_;
};

}  // namespace

Weights with_lora(const Weights& model, const Weights& file, const LoraStrength& strength,
                  LoraReport& report) {
  return Merge(model, strength, report)(file);
}

std::int64_t lora_context_channels(const Weights& file) {
  for (const auto& [name, entry] : file.entries()) {
    const auto factor = split(name);
    if (!factor || (factor->role != "lora_down" && factor->role != "hada_w1_b")) continue;
    const bool keys = factor->module.ends_with("to_k") || factor->module.ends_with("to_v");
    if (keys && factor->module.find("attn2") != std::string::npos &&
        entry.source.shape.rank() > 1) {
      return entry.source.shape[1];
    }
  }
  return 0;
}

bool is_lora(const Weights& file) {
  return !file.entries().empty() && std::ranges::all_of(file.entries(), [](const auto& named) {
    const std::string& name = named.first;
    return split(name).has_value() ||
           std::ranges::any_of(kUnknown, [&](auto end) { return name.ends_with(end); });
  });
}

}  // namespace easel
