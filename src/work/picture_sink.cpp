#include "work/picture_sink.h"

#include "recipe/forms.h"

namespace easel {

std::int64_t LocalPictures::save(const PictureRecord& picture, const Image& image) {
  return files_.save(picture.id, image, by_easel(picture.recipe));
}

void LocalPictures::discard(const std::string& id) { files_.remove(id); }

std::optional<std::string> LocalPictures::read(const std::string& id) { return files_.picture(id); }

}  // namespace easel
