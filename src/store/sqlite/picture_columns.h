#pragma once

#include <string>
#include <string_view>

#include "store/picture.h"
#include "store/sqlite/columns.h"

namespace easel {

// What a picture is added with. The rest is the store's own: seq, and what is flagged later.
struct NewPictureColumns {
  using Record = PictureRecord;
  template <typename R, typename Visit>
  static void visit(R& p, Visit&& column) {
    column("id", p.id);
    column("job", p.job);
    column("idx", p.index);
    column("created", p.created);
    column("width", p.width);
    column("height", p.height);
    column("bytes", p.bytes);
    column("parent", p.parent);
    column("prompt", p.recipe.prompt);
    column("model", p.recipe.model.name);
    column("seed", p.recipe.seed.seed);
    column("subject", p.recipe.labels.subject);
    column("style", p.recipe.labels.style);
    column("recipe", p.recipe);  // after its parts, which it holds too
    column("hash", p.hash);
    column("listed", p.listed);
    column("favourite", p.favourite);
    column("rating", p.rating);
    column("tags", p.tags);
  }
};

struct PictureColumns {
  using Record = PictureRecord;
  template <typename R, typename Visit>
  static void visit(R& p, Visit&& column) {
    NewPictureColumns::visit(p, column);
    column("seq", p.seq);
    column("missing", p.missing);
    column("deleted", p.deleted);
  }
};

/// "SELECT (the columns) FROM", and what follows; the pictures are called p.
inline std::string select_pictures(std::string_view rest) {
  return "SELECT " + names_of<PictureColumns>("p.") + " FROM " + std::string(rest);
}

}  // namespace easel
