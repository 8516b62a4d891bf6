#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace easel::readers {

/// A graph of ComfyUI's in the form of its API: {"3": {"class_type": "KSampler", "inputs":
/// {"seed": 5, "model": ["4", 0], …}}, …}. An input is a value or a link to a node.
class ComfyGraph {
 public:
  using Id = std::string;

  /// Of the text chunk "prompt". Nothing where it is no such graph, or one of more than 4096 nodes.
  static std::optional<ComfyGraph> from_prompt(const Json& json);
  /// Of the text chunk "workflow", as the page keeps it: values have places there instead of names,
  /// which are known for the usual nodes.
  static std::optional<ComfyGraph> from_workflow(const Json& json);

  const std::vector<Id>& ids() const { return ids_; }
  const std::string& type_of(const Id& id) const;
  const Json& inputs_of(const Id& id) const;
  /// The node that an input is linked to; nothing for values and for nodes that are not there.
  std::optional<Id> linked(const Json& input) const;
  /// Nodes that an input of this node is linked to, in order.
  std::vector<Id> sources_of(const Id& id) const;
  /// Whether another node takes something of this one.
  bool is_used(const Id& id) const { return used_.contains(id); }

 private:
  struct Node {
    std::string type;
    Json inputs;
  };
  static std::optional<ComfyGraph> of(std::map<Id, Node> nodes, std::vector<Id> ids);

  std::map<Id, Node> nodes_;
  std::vector<Id> ids_;
  std::set<Id> used_;
};

}  // namespace easel::readers
