#pragma once

#include <string>

#include "pipeline/diffusing/diffusion_parts.h"

namespace easel {

/// The networks' edges as a recipe wants them (Diffusion::tile), for as long as this lives.
class EdgesOfRun {
 public:
  EdgesOfRun(DiffusionParts& parts, const std::string& tile) : parts_(parts) {
    set({.wrap_x = tile.find('x') != std::string::npos,
         .wrap_y = tile.find('y') != std::string::npos});
  }
  ~EdgesOfRun() { set({}); }
  EdgesOfRun(const EdgesOfRun&) = delete;
  EdgesOfRun& operator=(const EdgesOfRun&) = delete;

 private:
  void set(Edges edges) {
    parts_.unet->set_edges(edges);
    parts_.codec->set_edges(edges);
  }
  DiffusionParts& parts_;
};

}  // namespace easel
