#include "recipe/readers/comfyui_graph.h"

#include <algorithm>
#include <utility>

namespace easel::readers {
namespace {

constexpr std::size_t kMostNodes = 4096;

// The names of the values that the page keeps without: an empty one is the page's own.
struct Widgets {
  std::string_view type;
  std::vector<std::string_view> names;
};
const std::vector<Widgets>& known_widgets() {
  static const std::vector<Widgets> known = {
      {"KSampler", {"seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"}},
      {"KSamplerAdvanced",
       {"add_noise", "noise_seed", "", "steps", "cfg", "sampler_name", "scheduler", "start_at_step",
        "end_at_step", "return_with_leftover_noise"}},
      {"SamplerCustom", {"add_noise", "noise_seed", "", "cfg"}},
      {"KSamplerSelect", {"sampler_name"}},
      {"BasicScheduler", {"scheduler", "steps", "denoise"}},
      {"KarrasScheduler", {"steps", "sigma_max", "sigma_min", "rho"}},
      {"ExponentialScheduler", {"steps", "sigma_max", "sigma_min"}},
      {"RandomNoise", {"noise_seed", ""}},
      {"CFGGuider", {"cfg"}},
      {"CLIPTextEncode", {"text"}},
      {"EmptyLatentImage", {"width", "height", "batch_size"}},
      {"EmptySD3LatentImage", {"width", "height", "batch_size"}},
      {"CheckpointLoaderSimple", {"ckpt_name"}},
      {"CheckpointLoader", {"config_name", "ckpt_name"}},
      {"UNETLoader", {"unet_name", "weight_dtype"}},
      {"VAELoader", {"vae_name"}},
      {"LoraLoader", {"lora_name", "strength_model", "strength_clip"}},
      {"CLIPSetLastLayer", {"stop_at_clip_layer"}},
      {"UpscaleModelLoader", {"model_name"}},
      {"LatentUpscale", {"upscale_method", "width", "height", "crop"}},
      {"LatentUpscaleBy", {"upscale_method", "scale_by"}},
      {"SaveImage", {"filename_prefix"}},
      {"PrimitiveNode", {"value", ""}},
  };
  return known;
}

std::string id_of(const Json& id) { return id.is_string() ? id.text() : id.dump(); }

// Where each link comes from: link -> [node, slot].
std::map<std::string, Json> link_sources(const Json& workflow) {
  std::map<std::string, Json> sources;
  for (const Json& link : workflow["links"]) {
    if (link.is_array() && link.size() >= 3) {
      sources[id_of(link[0])] = Json::array({Json(id_of(link[1])), link[2]});
    } else if (link.is_object()) {
      sources[id_of(link["id"])] =
          Json::array({Json(id_of(link["origin_id"])), link["origin_slot"]});
    }
  }
  return sources;
}

Json widgets_of(const Json& node, const std::string& type) {
  const Json& values = node["widgets_values"];
  if (values.is_object()) return values;
  Json named = Json::object();
  const auto& known = known_widgets();
  const auto widgets = std::ranges::find(known, std::string_view(type), &Widgets::type);
  std::size_t place = 0;
  for (const Json& value : values) {
    std::string name = "value " + std::to_string(place);
    if (widgets != known.end() && place < widgets->names.size()) name = widgets->names[place];
    ++place;
    if (!name.empty()) named[name] = value;
  }
  return named;
}

}  // namespace

std::optional<ComfyGraph> ComfyGraph::from_prompt(const Json& json) {
  std::map<Id, Node> nodes;
  std::vector<Id> ids;
  for (const auto& [id, node] : json.items()) {
    if (!node["class_type"].is_string() || !node["inputs"].is_object()) continue;
    nodes[id] = {node["class_type"].text(), node["inputs"]};
    ids.push_back(id);
  }
  return of(std::move(nodes), std::move(ids));
}

std::optional<ComfyGraph> ComfyGraph::from_workflow(const Json& json) {
  const auto sources = link_sources(json);
  std::map<Id, Node> nodes;
  std::vector<Id> ids;
  for (const Json& node : json["nodes"]) {
    if (!node["type"].is_string()) continue;
    const std::string& type = node["type"].text();
    Json inputs = widgets_of(node, type);
    for (const Json& input : node["inputs"]) {
      if (!input["name"].is_string() || input["link"].is_null()) continue;
      const auto source = sources.find(id_of(input["link"]));
      if (source != sources.end()) inputs[input["name"].text()] = source->second;
    }
    const Id id = id_of(node["id"]);
    if (nodes.emplace(id, Node{type, std::move(inputs)}).second) ids.push_back(id);
  }
  return of(std::move(nodes), std::move(ids));
}

std::optional<ComfyGraph> ComfyGraph::of(std::map<Id, Node> nodes, std::vector<Id> ids) {
  if (ids.empty() || ids.size() > kMostNodes) return std::nullopt;
  ComfyGraph graph;
  graph.nodes_ = std::move(nodes);
  graph.ids_ = std::move(ids);
  for (const Id& id : graph.ids_) {
    for (Id& source : graph.sources_of(id)) graph.used_.insert(std::move(source));
  }
  return graph;
}

const std::string& ComfyGraph::type_of(const Id& id) const { return nodes_.at(id).type; }
const Json& ComfyGraph::inputs_of(const Id& id) const { return nodes_.at(id).inputs; }

std::optional<ComfyGraph::Id> ComfyGraph::linked(const Json& input) const {
  if (!input.is_array() || input.size() != 2) return std::nullopt;
  const Id id = id_of(input[0]);
  return nodes_.contains(id) ? std::optional(id) : std::nullopt;
}

std::vector<ComfyGraph::Id> ComfyGraph::sources_of(const Id& id) const {
  std::vector<Id> sources;
  for (const auto& [name, input] : inputs_of(id).items()) {
    if (auto source = linked(input)) sources.push_back(std::move(*source));
  }
  return sources;
}

}  // namespace easel::readers
