#include "pipeline/families/esrgan/esrgan_family.h"

#include "pipeline/families/esrgan/esrgan.h"
#include "pipeline/families/esrgan/esrgan_measuring.h"
#include "weights/maps/esrgan.h"

namespace easel {
namespace {

std::optional<ModelKind> recognise_esrgan(const Weights& weights) {
  if (!holds_esrgan(weights)) return std::nullopt;
  return ModelKind{.name = "an ESRGAN upscaler",
                   .use = ModelUse::kUpscale,
                   .advice = "'easel upscale' enlarges with it"};
}

std::unique_ptr<EnlargingNetwork> enlarge(Backend& backend, const Weights& weights) {
  return std::make_unique<EsrganNetwork>(backend, weights, esrgan_config_from_shapes(weights));
}

std::unique_ptr<MeasuredModel> measure(const ModelFiles*) { return measure_esrgan(); }

}  // namespace

Family esrgan_family() {
  return {
      .name = "ESRGAN",
      .use = ModelUse::kUpscale,
      .advice = "for enlarging, give an ESRGAN or Real-ESRGAN file such as RealESRGAN_x4plus.pth",
      .recognise = recognise_esrgan,
      .with_own_names = with_basicsr_names,
      .enlarge = enlarge,
      .measure = measure};
}

}  // namespace easel
