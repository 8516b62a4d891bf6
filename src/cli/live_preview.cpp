#include "cli/live_preview.h"

#include "cli/output_path.h"
#include "image/codec.h"

namespace easel::cli {

namespace fs = std::filesystem;

void add_preview_option(CLI::App& app, std::string& name, const char* group) {
  app.add_option(
         "--preview", name,
         "Show the picture while it is drawn: linear (a blurred guess, free) or decoder (as "
         "sharp as the end, one decoding a step, by TAESD where that is fetched); where the "
         "terminal shows no pictures in "
         "NAME.preview.png beside the output [not at all]")
      ->check(CLI::IsMember({"linear", "decoder"}).description(""))
      ->type_name("HOW")
      ->group(group);
}

LivePreview::LivePreview(DrawingModel& model, Spec spec)
    : preview_(model, spec.kind == "decoder" ? PreviewKind::kDecoder : PreviewKind::kLinear),
      spec_(std::move(spec)),
      on_terminal_(spec_.on_terminal && spec_.console.pictures != PictureProtocol::kNone) {}

LivePreview::~LivePreview() {
  try {
    wipe();
  } catch (const std::exception&) {
    // A terminal that is gone needs no wiping.
  }
  std::error_code ignored;
  if (!made_folder_.empty()) fs::remove(made_folder_, ignored);  // where nothing was put into it
}

void LivePreview::show(const DrawStep& step) {
  const Image image = preview_(step);
  if (on_terminal_) {
    show_in_place(spec_.console, image);
  } else {
    write(image);
  }
  shown_ = true;
}

void LivePreview::write(const Image& image) {
  if (file_.empty()) {
    file_ = spec_.file();
    const fs::path folder = file_.parent_path();
    std::error_code ignored;
    if (!folder.empty() && !fs::exists(folder, ignored)) {
      make_folder(folder);
      made_folder_ = folder;
    }
  }
  write_picture(file_, image, {}, IfExists::kReplace);
}

void LivePreview::wipe() {
  if (!shown_) return;
  shown_ = false;
  if (on_terminal_) return wipe_in_place(spec_.console);
  std::error_code ignored;
  fs::remove(file_, ignored);
  file_.clear();
}

}  // namespace easel::cli
