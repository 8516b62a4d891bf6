#include "image/cmyk.h"

#include <lcms2.h>

#include <memory>

namespace easel::formats {
namespace {

struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
using Profile = std::unique_ptr<void, CloseProfile>;

void* transform_of(std::span<const std::uint8_t> icc) {
  if (icc.empty()) return nullptr;
  const Profile inks(cmsOpenProfileFromMem(icc.data(), static_cast<cmsUInt32Number>(icc.size())));
  if (!inks || cmsGetColorSpace(inks.get()) != cmsSigCmykData) return nullptr;
  const Profile screen(cmsCreate_sRGBProfile());
  if (!screen) return nullptr;
  return cmsCreateTransform(inks.get(), TYPE_CMYK_8_REV, screen.get(), TYPE_RGB_8,
                            INTENT_PERCEPTUAL, 0);
}

}  // namespace

CmykToRgb::CmykToRgb(std::span<const std::uint8_t> icc) : transform_(transform_of(icc)) {}

CmykToRgb::~CmykToRgb() {
  if (transform_ != nullptr) cmsDeleteTransform(transform_);
}

void CmykToRgb::convert(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t pixels) const {
  if (transform_ != nullptr) {
    cmsDoTransform(transform_, cmyk, rgb, static_cast<cmsUInt32Number>(pixels));
    return;
  }
  for (std::size_t i = 0; i < pixels; ++i) {
    const unsigned white = cmyk[4 * i + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      rgb[3 * i + c] = static_cast<std::uint8_t>((cmyk[4 * i + c] * white + 127) / 255);
    }
  }
}

}  // namespace easel::formats
