#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <memory>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "image/exif.h"
#include "image/formats.h"
#include "image/xmp.h"

namespace easel::formats {
namespace {

struct Free {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
  void operator()(WebPMux* mux) const { WebPMuxDelete(mux); }
};

std::vector<std::uint8_t> chunk_of(const WebPDemuxer* demuxer, const char* fourcc) {
  WebPChunkIterator chunk;
  std::vector<std::uint8_t> bytes;
  if (WebPDemuxGetChunk(demuxer, fourcc, 1, &chunk) != 0) {
    bytes.assign(chunk.chunk.bytes, chunk.chunk.bytes + chunk.chunk.size);
  }
  WebPDemuxReleaseChunkIterator(&chunk);
  return bytes;
}

Image decode_pixels(std::span<const std::uint8_t> bytes, const WebPBitstreamFeatures& features,
                    std::string_view name) {
  Image image({features.width, features.height}, features.has_alpha != 0 ? 4 : 3);
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) fail(ErrorCode::kIo, "libwebp is of another version");
  config.output.colorspace = image.has_alpha() ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = image.samples8().data();
  config.output.u.RGBA.stride = static_cast<int>(image.stride());
  config.output.u.RGBA.size = image.samples();
  const auto status = WebPDecode(bytes.data(), bytes.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) {
    fail(ErrorCode::kInvalidFile, "the WebP {} is broken (libwebp's status {})", name,
         static_cast<int>(status));
  }
  return image;
}

struct Encoder {
  Encoder() {
    if (WebPPictureInit(&picture) == 0) fail(ErrorCode::kIo, "libwebp is of another version");
    WebPMemoryWriterInit(&writer);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  ~Encoder() {
    WebPPictureFree(&picture);
    WebPMemoryWriterClear(&writer);
  }

  WebPPicture picture;
  WebPMemoryWriter writer;
};

std::vector<std::uint8_t> encode_pixels(const Image& image, const EncodeOptions& options) {
  WebPConfig config;
  if (WebPConfigInit(&config) == 0) fail(ErrorCode::kIo, "libwebp is of another version");
  config.quality = static_cast<float>(options.quality);
  config.lossless = options.lossless ? 1 : 0;
  config.exact = config.lossless;  // keep the colour of what is transparent
  Encoder encoder;
  encoder.picture.use_argb = config.lossless;
  encoder.picture.width = image.width();
  encoder.picture.height = image.height();
  encoder.picture.writer = WebPMemoryWrite;
  encoder.picture.custom_ptr = &encoder.writer;
  const auto* samples = image.samples8().data();
  const int stride = static_cast<int>(image.stride());
  const int imported = image.has_alpha() ? WebPPictureImportRGBA(&encoder.picture, samples, stride)
                                         : WebPPictureImportRGB(&encoder.picture, samples, stride);
  if (imported == 0 || WebPEncode(&config, &encoder.picture) == 0) {
    fail(encoder.picture.error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ? ErrorCode::kNoMemory
                                                                   : ErrorCode::kIo,
         "could not encode a WebP (libwebp's error {})",
         static_cast<int>(encoder.picture.error_code));
  }
  return {encoder.writer.mem, encoder.writer.mem + encoder.writer.size};
}

void set_chunk(WebPMux* mux, const char* fourcc, std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return;
  const WebPData data{.bytes = bytes.data(), .size = bytes.size()};
  if (WebPMuxSetChunk(mux, fourcc, &data, 1) != WEBP_MUX_OK) {
    fail(ErrorCode::kIo, "could not add the {} chunk to a WebP", fourcc);
  }
}

std::vector<std::uint8_t> with_metadata(std::vector<std::uint8_t> webp,
                                        const ImageMetadata& metadata, Image::Size size) {
  const auto exif = exif_for(metadata, size);
  const auto icc = fitting_profile(metadata.icc, 3);
  const std::string xmp = upright_xmp(metadata.xmp);
  if (exif.empty() && icc.empty() && xmp.empty()) return webp;
  const WebPData data{.bytes = webp.data(), .size = webp.size()};
  const std::unique_ptr<WebPMux, Free> mux(WebPMuxCreate(&data, 0));
  if (!mux) fail(ErrorCode::kIo, "could not add the settings to a WebP");
  set_chunk(mux.get(), "EXIF", exif);
  set_chunk(mux.get(), "ICCP", icc);
  set_chunk(mux.get(), "XMP ", {reinterpret_cast<const std::uint8_t*>(xmp.data()), xmp.size()});
  WebPData whole{};
  if (WebPMuxAssemble(mux.get(), &whole) != WEBP_MUX_OK) {
    fail(ErrorCode::kIo, "could not add the settings to a WebP");
  }
  const std::unique_ptr<const std::uint8_t, decltype([](const std::uint8_t* p) {
                          WebPFree(const_cast<std::uint8_t*>(p));
                        })>
      owned(whole.bytes);
  return {whole.bytes, whole.bytes + whole.size};
}

}  // namespace

namespace {

struct Header {
  WebPBitstreamFeatures features;
  ImageMetadata metadata;
  int orientation = 1;
};

Header read_header(std::span<const std::uint8_t> bytes, std::string_view name,
                   DecodeLimits limits) {
  Header header;
  if (WebPGetFeatures(bytes.data(), bytes.size(), &header.features) != VP8_STATUS_OK) {
    fail(ErrorCode::kInvalidFile, "the WebP {} is broken: its header cannot be read", name);
  }
  check_size(header.features.width, header.features.height, name, limits);
  const WebPData data{.bytes = bytes.data(), .size = bytes.size()};
  const std::unique_ptr<WebPDemuxer, Free> demuxer(WebPDemux(&data));
  if (!demuxer) fail(ErrorCode::kInvalidFile, "the WebP {} is broken or cut short", name);
  header.metadata.icc = chunk_of(demuxer.get(), "ICCP");
  const auto xmp = chunk_of(demuxer.get(), "XMP ");
  header.metadata.xmp = valid_utf8({reinterpret_cast<const char*>(xmp.data()), xmp.size()});
  header.orientation = take_exif(chunk_of(demuxer.get(), "EXIF"), header.metadata);
  return header;
}

}  // namespace

PictureFacts webp_facts(std::span<const std::uint8_t> bytes, std::string_view name,
                        DecodeLimits limits) {
  Header header = read_header(bytes, name, limits);
  const auto& features = header.features;
  return {.format = ImageFormat::kWebp,
          .size = oriented(Image::Size{features.width, features.height}, header.orientation),
          .channels = features.has_alpha != 0 ? 4 : 3,
          .metadata = std::move(header.metadata),
          .is_animated = features.has_animation != 0};
}

Picture decode_webp(std::span<const std::uint8_t> bytes, std::string_view name,
                    DecodeLimits limits) {
  Header header = read_header(bytes, name, limits);
  if (header.features.has_animation != 0) refuse_animation(ImageFormat::kWebp, name);
  const Image stored = decode_pixels(bytes, header.features, name);
  return {.image = oriented(stored, header.orientation),
          .metadata = std::move(header.metadata),
          .format = ImageFormat::kWebp};
}

std::vector<std::uint8_t> encode_webp(const Image& image, const EncodeOptions& options) {
  if (image.width() > WEBP_MAX_DIMENSION || image.height() > WEBP_MAX_DIMENSION) {
    fail(ErrorCode::kUsage, "a WebP holds at most {0} x {0} pixels, not {1} x {2}",
         static_cast<int>(WEBP_MAX_DIMENSION), image.width(), image.height());
  }
  if (image.bits() == 8 && image.channels() >= 3) {
    return with_metadata(encode_pixels(image, options), options.metadata, image.size());
  }
  const auto floats = to_floats(image);
  const Image converted =
      image.has_alpha() ? image_from_floats(floats, image.size(), 4) : to_rgb8(image);
  return with_metadata(encode_pixels(converted, options), options.metadata, image.size());
}

}  // namespace easel::formats
