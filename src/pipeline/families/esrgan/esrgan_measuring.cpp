#include "pipeline/families/esrgan/esrgan_measuring.h"

#include "models/rrdbnet.h"

namespace easel {
namespace {

class MeasuredEsrgan final : public MeasuredModel {
 public:
  void with_part(std::string_view part, Backend& backend, const Recipe&,
                 const UsePart& use) const override {
    if (part != "upscaler") return;
    const RrdbNet upscaler({backend, Scope::imagined(kMadeUpSeed)}, config_);
    const Tensor x = picture(backend);
    use({.name = "enlarge 256x256 four times", .run = [&] { upscaler(x); }});
  }

  void export_parts(Backend& backend, const std::filesystem::path& folder) const override {
    write_made_up_weights(folder / "upscaler-weights.safetensors",
                          [&](const Place& at) { RrdbNet(at, config_); });
    const RrdbNet upscaler({backend, Scope::imagined(kMadeUpSeed)}, config_);
    const Tensor x = picture(backend);
    write_tensors(backend, folder / "upscaler-run.safetensors", {{"x", x}, {"out", upscaler(x)}});
  }

 private:
  static Tensor picture(Backend& backend) { return made_up_noise(backend, {1, 256, 256, 3}); }

  const RrdbNetConfig config_;
};

}  // namespace

std::unique_ptr<MeasuredModel> measure_esrgan() { return std::make_unique<MeasuredEsrgan>(); }

}  // namespace easel
