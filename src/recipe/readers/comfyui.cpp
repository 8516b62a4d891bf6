// ComfyUI: its graph as JSON under "prompt", and as its page keeps it under "workflow"; in WebP and
// JPEG in EXIF's Model and Make.

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <map>
#include <set>

#include "recipe/readers/comfyui_graph.h"
#include "recipe/readers/programs.h"
#include "recipe/readers/told.h"

namespace easel::readers {
namespace {

using Id = ComfyGraph::Id;
using Names = std::initializer_list<std::string_view>;

constexpr int kMostHops = 64;
constexpr int kMostLooks = 100'000;  // in all: links can branch at every node
constexpr std::string_view kText[] = {"populated_text", "text",   "text_g", "text_l",   "clip_l",
                                      "t5xxl",          "prompt", "string", "positive", "value"};

bool is_value(const Json& input) {
  return input.is_string() || input.is_number() || input.is_boolean();
}

class ComfyReader {
 public:
  explicit ComfyReader(const ComfyGraph& graph) : graph_(graph) {}

  std::optional<Provenance> read() {
    const auto sampler = base_sampler();
    if (!sampler) return std::nullopt;
    told_.version = "ComfyUI";
    told_.prompt = prompt_of(*sampler, "positive");
    told_.negative = prompt_of(*sampler, "negative");
    told_.add_json("Steps", value_of(*sampler, {"steps"}, {"sigmas"}));
    add_sampler(*sampler);
    told_.add_json("CFG scale", value_of(*sampler, {"cfg"}, {"guider"}));
    told_.add_json("Seed", value_of(*sampler, {"seed", "noise_seed"}, {"noise"}));
    add_size(*sampler);
    add_model(*sampler);
    add_rest();
    return provenance_of(std::move(told_));
  }

 private:
  bool is_sampler(const Id& id) const {
    const std::string& type = graph_.type_of(id);
    if (type == "KSamplerSelect") return false;
    if (type.find("KSampler") != std::string::npos || type.starts_with("SamplerCustom"))
      return true;
    const Json& inputs = graph_.inputs_of(id);
    return inputs.contains("steps") && inputs.contains("cfg") &&
           (inputs.contains("seed") || inputs.contains("noise_seed"));
  }

  // The nodes above these and themselves, the nearest first.
  std::vector<Id> upstream(std::vector<Id> order) const {
    std::set<Id> seen(order.begin(), order.end());
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (const Id& source : graph_.sources_of(order[i])) {
        if (seen.insert(source).second) order.push_back(source);
      }
    }
    return order;
  }

  // The sampler that the picture began with: the last one above what is saved, then the first of
  // those that each go on with the other's latents.
  std::optional<Id> base_sampler() const {
    std::vector<Id> ends;
    std::ranges::remove_copy_if(graph_.ids(), std::back_inserter(ends),
                                [&](const Id& id) { return graph_.is_used(id); });
    std::optional<Id> found;
    for (const Id& id : upstream(std::move(ends))) {
      if (!found && is_sampler(id)) found = id;
    }
    for (const Id& id : graph_.ids()) {  // in a circle that nothing comes out of
      if (!found && is_sampler(id)) found = id;
    }
    for (int hops = 0; found && hops < kMostHops; ++hops) {
      const auto latent = graph_.linked(graph_.inputs_of(*found)["latent_image"]);
      if (!latent) break;
      const std::vector<Id> above = upstream({*latent});
      const auto earlier =
          std::ranges::find_if(above, [&](const Id& id) { return is_sampler(id); });
      if (earlier == above.end() || *earlier == *found) break;
      found = *earlier;
    }
    return found;
  }

  void consume(const Id& id, std::string_view name) { consumed_[id].insert(std::string(name)); }

  // The first value under these names, of this node or of one that such an input is linked to.
  Json value_in(const Id& id, Names names, int hops = 0) {
    const Json& inputs = graph_.inputs_of(id);
    for (const std::string_view name : names) {
      if (++looks_ > kMostLooks) return {};
      const Json& input = inputs[name];
      if (is_value(input)) {
        consume(id, name);
        return input;
      }
      const auto source = hops < kMostHops ? graph_.linked(input) : std::nullopt;
      if (!source) continue;
      Json value = value_in(*source, names, hops + 1);
      if (value.is_null()) value = only_value(*source);
      if (!value.is_null()) return value;
    }
    return {};
  }

  // What a node that stands for one value has: "value", or the only one of its kind.
  Json only_value(const Id& id) {
    for (const auto& [name, input] : graph_.inputs_of(id).items()) {
      if (!is_value(input)) continue;
      consume(id, name);
      return input;
    }
    return {};
  }

  // The same, or from the node that one of `helpers` is linked to.
  Json value_of(const Id& id, Names names, Names helpers) {
    Json value = value_in(id, names);
    for (const std::string_view helper : helpers) {
      const auto source = graph_.linked(graph_.inputs_of(id)[helper]);
      if (!value.is_null() || !source) continue;
      for (const Id& above : upstream({*source})) {
        if (value.is_null()) value = value_in(above, names);
      }
    }
    return value;
  }

  void add_sampler(const Id& id) {
    const Json name = value_of(id, {"sampler_name"}, {"sampler"});
    Json schedule = value_of(id, {"scheduler"}, {"sigmas"});
    const auto sigmas = graph_.linked(graph_.inputs_of(id)["sigmas"]);
    if (schedule.is_null() && sigmas) {  // a node of its own: KarrasScheduler
      const std::string& type = graph_.type_of(*sigmas);
      schedule = type.ends_with("Scheduler") ? type.substr(0, type.size() - 9) : type;
    }
    told_.add_sampler(text_of(name), text_of(schedule));
  }

  void add_size(const Id& sampler) {
    std::optional<Id> latent = graph_.linked(graph_.inputs_of(sampler)["latent_image"]);
    for (int hops = 0; latent && hops < kMostHops; ++hops) {
      const Json& inputs = graph_.inputs_of(*latent);
      std::optional<Id> above;
      for (const std::string_view name : {"samples", "latent", "latent_image"}) {
        if (!above) above = graph_.linked(inputs[name]);
      }
      if (!above) break;
      latent = above;
    }
    if (!latent) return;
    const Json width = value_in(*latent, {"width"});
    const Json height = value_in(*latent, {"height"});
    if (width.is_number() && height.is_number()) told_.add_size(width, height);
  }

  void add_model(const Id& sampler) {
    for (const Id& id : upstream({sampler})) {
      const Json name = value_in(id, {"ckpt_name", "unet_name"});
      if (!name.is_string()) continue;
      told_.add_model(name.text());
      return;
    }
  }

  std::string prompt_of(const Id& sampler, std::string_view side) {
    const Json& inputs = graph_.inputs_of(sampler);
    std::optional<Id> node = graph_.linked(inputs[side]);
    if (const auto guider = graph_.linked(inputs["guider"]); !node && guider) {
      node = graph_.linked(graph_.inputs_of(*guider)[side]);
      if (!node && side == "positive") {
        node = graph_.linked(graph_.inputs_of(*guider)["conditioning"]);
      }
    }
    std::set<Id> seen;
    std::vector<std::string> texts;
    if (node) collect_texts(*node, side, seen, texts);
    std::string prompt;
    for (const std::string& text : texts) prompt += (prompt.empty() ? "" : ", ") + text;
    return prompt;
  }

  // The texts from which a node makes its conditioning, itself or those above it.
  void collect_texts(const Id& id, std::string_view side, std::set<Id>& seen,
                     std::vector<std::string>& texts) {
    if (!seen.insert(id).second || seen.size() > kMostHops) return;
    if (graph_.type_of(id) == "ConditioningZeroOut") return;  // what no text is left of
    if (own_texts(id, texts)) return;
    const Json& inputs = graph_.inputs_of(id);
    if (const auto source = graph_.linked(inputs[side])) {  // a node of both sides: ControlNet's
      return collect_texts(*source, side, seen, texts);
    }
    for (const auto& [name, input] : inputs.items()) {
      const bool passes = name.find("cond") != std::string::npos;
      const auto source = graph_.linked(input);
      if (passes && source) collect_texts(*source, side, seen, texts);
    }
  }

  // Texts of a node that encodes them; each once.
  bool own_texts(const Id& id, std::vector<std::string>& texts) {
    const Json& inputs = graph_.inputs_of(id);
    bool found = false;
    for (const std::string_view name : kText) {
      const Json& input = inputs[name];
      const auto source = graph_.linked(input);
      const bool passed_on = source && !is_text_source(*source);
      if (passed_on || (!source && !input.is_string())) continue;
      std::string text = source ? text_above(*source, 0) : input.text();
      if (!source) consume(id, name);
      found = true;
      if (!text.empty() && std::ranges::find(texts, text) == texts.end()) {
        texts.push_back(std::move(text));
      }
    }
    return found;
  }

  // Whether a node gives a text, and not a conditioning.
  bool is_text_source(const Id& id) const {
    const Json& inputs = graph_.inputs_of(id);
    return !inputs.contains("clip") && !inputs.contains("conditioning") &&
           !inputs.contains("positive");
  }

  std::string text_above(const Id& id, int hops) {
    const Json& inputs = graph_.inputs_of(id);
    for (const std::string_view name : {"populated_text", "text", "string", "prompt", "value"}) {
      if (!inputs[name].is_string()) continue;
      consume(id, name);
      return inputs[name].text();
    }
    std::string all;  // of a node that joins several
    for (const auto& [name, input] : inputs.items()) {
      if (++looks_ > kMostLooks) break;
      const auto source = hops < kMostHops ? graph_.linked(input) : std::nullopt;
      if (!source && !input.is_string()) continue;
      if (name.find("delimiter") != std::string::npos) continue;
      const std::string text = source ? text_above(*source, hops + 8) : input.text();
      if (!source) consume(id, name);
      if (!text.empty()) all += (all.empty() ? "" : ", ") + text;
    }
    return all;
  }

  // Every value that has no place above, under its node's name.
  void add_rest() {
    for (const Id& id : graph_.ids()) {
      const std::string& type = graph_.type_of(id);
      const auto used = consumed_.find(id);
      Json rest = Json::object();
      for (const auto& [name, input] : graph_.inputs_of(id).items()) {
        const bool known = used != consumed_.end() && used->second.contains(name);
        if (is_value(input) && !known) rest[name] = input;
      }
      if (rest.empty() || type == "Note" || type == "MarkdownNote") continue;
      const auto same = [&](const Id& other) { return graph_.type_of(other) == type; };
      const bool several = std::ranges::count_if(graph_.ids(), same) > 1;
      const std::string name = several ? type + " " + id : type;
      for (const auto& [key, value] : rest.items()) told_.add_json(name + " " + key, value);
    }
  }

  const ComfyGraph& graph_;
  Told told_;
  int looks_ = 0;
  std::map<Id, std::set<std::string>> consumed_;
};

std::optional<Provenance> read_graph(const std::string* text, bool is_workflow) {
  const auto json = text == nullptr ? std::nullopt : json_in(*text);
  if (!json) return std::nullopt;
  const auto graph =
      is_workflow ? ComfyGraph::from_workflow(*json) : ComfyGraph::from_prompt(*json);
  return graph ? ComfyReader(*graph).read() : std::nullopt;
}

}  // namespace

std::optional<Provenance> read_comfyui(const ImageMetadata& metadata) {
  if (auto provenance = read_graph(text_named(metadata, "prompt"), false)) return provenance;
  return read_graph(text_named(metadata, "workflow"), true);
}

}  // namespace easel::readers
